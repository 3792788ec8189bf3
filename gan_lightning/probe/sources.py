"""What a discriminator's input was made of: the rules that need nothing but the tensors themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from gan_lightning.probe.graph import ancestors
from gan_lightning.probe.inputs import floats_of, samples_in, tensors_in
from gan_lightning.probe.record import Kind
from gan_lightning.probe.rows import NOTHING, Origins, Rows, stacked

MOST_RUNS = 16
"""Of rows that are told apart by their values; a shuffled batch has more, and is left to the trace."""


@dataclass(slots=True, eq=False)
class Source:
    """A tensor of the loader's batch, or one that the generator made.

    Args:
        kind: whose it is.
        tensor: detached; shares memory with the one that the module works on.
        node: where its gradient goes on from, None if it has none.
        place: the number of the tensor in the batch, or among the outputs of its call.
        label: classes that the generator was asked for.
    """

    kind: Literal["real", "fake"]
    tensor: Tensor
    node: Any
    place: int
    label: Tensor | None = None


class Sources:
    """The real and the generated tensors of a batch, and the rules by which they are known again.

    In order: the same memory (views, ``detach``); the same values, row by row (copies, concatenated batches, parts
    of a batch); a graph that leads back to one (augmented samples); a place on the line between two (penalties).
    """

    def __init__(self, batch: Any) -> None:
        self.all = [Source("real", x.detach(), None, place) for place, x in enumerate(samples_in(batch))]

    def add_fakes(self, output: Any, inputs: Any, label: Tensor | None) -> Iterator[tuple[int, Tensor]]:
        """Take in what a generator returned, but not what it passed on, and yield the numbers and the tensors."""
        passed = {_memory(x) for x in tensors_in(inputs)}
        for place, x in enumerate(floats_of(output)):
            if _memory(x) not in passed:
                self.all.append(Source("fake", x.detach(), x.grad_fn, place, label))
                yield len(self.all) - 1, x

    @property
    def has_fakes(self) -> bool:
        """Whether the generator made any."""
        return any(source.kind == "fake" for source in self.all)

    def kind_of(self, origins: Origins, x: Tensor) -> Kind:
        """Return what rows of ``x`` with these origins are.

        What is made of both is generated, as where a network's output is added to its input, unless it is the point
        of a penalty: a new leaf that wants gradients, or on the line between both.
        """
        kinds = {self.all[number].kind for number in origins}
        if len(kinds) == 1:
            return kinds.pop()
        if x.requires_grad and (x.is_leaf or (kinds and self._by_line(x))):
            return "between"
        return "fake" if kinds else "unknown"

    def rows_of(self, x: Tensor, traced: Rows | None) -> Rows:
        """Return the origins of the rows of a tensor; none where neither the trace nor a rule tells."""
        number = self._by_memory(x)
        if number is not None:
            return ((len(x), frozenset({number})),)
        return traced or self._by_values(x.detach()) or self._by_line(x) or self._by_graph(x) or ((len(x), NOTHING),)

    def is_raw(self, x: Tensor, number: int) -> bool:
        """Tell whether all rows of ``x`` are rows of a source, unchanged."""
        source = self.all[number]
        if x.shape[1:] != source.tensor.shape[1:]:
            return False
        if _memory(x) == _memory(source.tensor):
            return True
        rows = source.tensor.flatten(1) if x.ndim > 1 else source.tensor[:, None]
        return _longest_run(rows.to(x.dtype), x.flatten(1) if x.ndim > 1 else x[:, None]) == len(x)

    def _by_memory(self, x: Tensor) -> int | None:
        memory = _memory(x)
        return next((n for n in reversed(range(len(self.all))) if _memory(self.all[n].tensor) == memory), None)

    def _by_values(self, x: Tensor) -> Rows | None:
        """Compare row by row; each run of rows must be found in one source."""
        if x.numel() == 0:
            return None
        flat, begin = x.reshape(len(x), -1), 0
        runs: list[Rows] = []
        known = [(n, s.tensor.reshape(len(s.tensor), -1)) for n, s in enumerate(self.all) if _has_rows_like(s, x)]
        known = [(n, rows.to(x.dtype)) for n, rows in known]
        while begin < len(x):
            found = [(run, n) for n, rows in known if (run := _longest_run(rows, flat[begin:]))]
            if not found or len(runs) == MOST_RUNS:
                return None
            count, number = max(found)
            runs.append(((count, frozenset({number})),))
            begin += count
        return stacked(runs)

    def _by_line(self, x: Tensor) -> Rows | None:
        """Look for a real and a generated tensor between which each row lies on a straight line, and is neither."""
        if not x.requires_grad or len(x) == 0 or x[0].numel() < 2:
            return None
        point, alike = _flat(x.detach()), [n for n, source in enumerate(self.all) if source.tensor.shape == x.shape]
        reals = [n for n in alike if self.all[n].kind == "real"]
        pairs = ((real, fake) for real in reals for fake in alike if self.all[fake].kind == "fake")
        ends = ((real, fake, _flat(self.all[real].tensor), _flat(self.all[fake].tensor)) for real, fake in pairs)
        found = (frozenset({real, fake}) for real, fake, start, end in ends if _on_line(point, start, end))
        return next((((len(x), origins),) for origins in found), None)

    def _by_graph(self, x: Tensor) -> Rows | None:
        """Follow the graph back; what does not need gradients leaves no trace in it, so that row numbers must agree."""
        nodes = {source.node: n for n, source in enumerate(self.all) if source.node is not None}
        leaves = {_memory(source.tensor): n for n, source in enumerate(self.all) if source.kind == "real"}
        met: set[int] = set()
        for node in ancestors(x.grad_fn, stop=nodes):
            leaf = getattr(node, "variable", None)
            number = nodes.get(node, None if leaf is None else leaves.get(_memory(leaf)))
            met |= set() if number is None else {number}
        if not met or any(len(self.all[n].tensor) != len(x) for n in met):
            return None
        return ((len(x), frozenset(met)),) if len({self.all[n].kind for n in met}) == 1 else None


def _memory(x: Tensor) -> int:
    return x.untyped_storage().data_ptr() if x.numel() else -id(x)


def _flat(x: Tensor) -> Tensor:
    return x.flatten(1).float()


def _has_rows_like(source: Source, x: Tensor) -> bool:
    return len(source.tensor) > 0 and source.tensor.shape[1:].numel() == x.shape[1:].numel()


def _longest_run(rows: Tensor, wanted: Tensor) -> int:
    """Return how many of the first rows of ``wanted`` follow each other somewhere in ``rows``; NaN equals NaN."""
    starts = _equal(rows, wanted[:1]).nonzero().flatten().tolist()
    if not starts:
        return 0
    size = min(len(rows) - starts[0], len(wanted))
    same = _equal(rows[starts[0] : starts[0] + size], wanted[:size])
    return int(same.long().cumprod(0).sum())


def _equal(a: Tensor, b: Tensor) -> Tensor:
    return ((a == b) | (a.isnan() & b.isnan())).all(1)


def _on_line(point: Tensor, real: Tensor, fake: Tensor) -> bool:
    direction = real - fake
    share = ((point - fake) * direction).sum(1, keepdim=True) / direction.square().sum(1, keepdim=True)
    rest = (point - fake - share * direction).norm(dim=1)
    near = rest <= 1e-2 * direction.norm(dim=1)
    within = (share > 0) & (share < 1)
    return bool(near.all() & within.all())
