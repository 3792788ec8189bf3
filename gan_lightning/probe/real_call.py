"""Which of a discriminator's calls judges the real batch, and with what other arguments."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_lightning.probe.inputs import first_samples, replaced, tensors_in


class Call(NamedTuple):
    """One call of a network.

    Args:
        samples: the first floating tensor among the arguments, (N, ...).
        args: positional arguments.
        kwargs: named arguments.
        place: where the samples lie in the batch: which tensor, where in its memory they begin, and how many they are.
    """

    samples: Tensor
    args: Any
    kwargs: Any
    place: tuple[int, int, int]

    def on(self, x: Tensor) -> tuple[Any, Any]:
        """Return the arguments with ``x`` in the place of the samples, other floating tensors in its type."""

        def change(tensor: Tensor) -> Tensor:
            if tensor is self.samples:
                return x
            return tensor.detach().to(x.dtype) if tensor.is_floating_point() else tensor

        args, kwargs = replaced((self.args, self.kwargs), change)
        return args, kwargs


class RealCalls:
    """The calls of a discriminator on the real batch, known by the tensors' memory, else by their values.

    A tensor of the loader's batch is recognised if it shares memory with the samples (views, ``detach``), or holds
    the same values (copies, another memory format), also as the first or the last rows of a concatenated batch, and
    also a part of it: rows in a row alone, or as one half of a concatenation (micro-batches). What is rescaled,
    augmented or padded on its way to the discriminator is not.
    """

    def __init__(self) -> None:
        self._reals: list[Tensor] = []
        self.seen: list[str] = []
        """Shapes of the samples of all calls since ``forget``, for people."""
        self.real: list[Call] = []
        """Calls on real samples since ``forget``, restricted to these samples' rows."""
        self.others = 0
        """On how many other samples there were calls since ``forget``; a concatenated call is two."""

    def start(self, batch: Any) -> None:
        """Watch for the samples of a batch."""
        self._reals = [x for x in tensors_in(batch) if x.is_floating_point() and x.ndim > 0]
        self.forget()

    def forget(self) -> None:
        """Forget the calls so far, but not the batch."""
        self.seen, self.real, self.others = [], [], 0

    def stop(self) -> None:
        """Let go of the batch and the calls."""
        self._reals = []
        self.forget()

    @property
    def expected(self) -> str:
        """Shapes of what is looked for, for people."""
        return ", ".join(str(tuple(real.shape)) for real in self._reals) or "no floating tensor"

    def look_at(self, args: Any, kwargs: Any) -> None:
        """Keep a call if its samples are, or contain, the real ones."""
        x = first_samples((args, kwargs))
        if x is None or not torch.is_grad_enabled():
            return
        self.seen.append(str(tuple(x.shape)))
        for number, real in enumerate(self._reals):
            found = list(_rows_of(real, x))
            for rows, begin in found:
                self.real.append(_cut(x, args, kwargs, rows, (number, begin, rows.stop - rows.start)))
            if found:
                self.others += len(found) == 1 and found[0][0] != slice(0, len(x))
                return
        self.others += 1


def _cut(x: Tensor, args: Any, kwargs: Any, rows: slice, place: tuple[int, int, int]) -> Call:
    """Return the call on some rows of the samples, and of all else that has as many."""
    total = len(x)
    if rows == slice(0, total):
        return Call(x, args, kwargs, place)
    part = x[rows].detach()

    def cut(tensor: Tensor) -> Tensor:
        if tensor is x:
            return part
        return tensor[rows] if tensor.ndim and len(tensor) == total else tensor

    args, kwargs = replaced((args, kwargs), cut)
    return Call(part, args, kwargs, place)


def _rows_of(real: Tensor, x: Tensor) -> Iterator[tuple[slice, int]]:
    """Yield which rows of ``x`` are real samples, all or those at an end, and where these begin in real's memory."""
    n, total = len(real), len(x)
    if x.untyped_storage().data_ptr() == real.untyped_storage().data_ptr():
        yield slice(0, total), int(x.storage_offset())
        return
    made_by_a_network = x.grad_fn is not None and total == n
    if made_by_a_network or n == 0 or total == 0 or x.numel() * n != real.numel() * total:
        return
    values, reals = x.detach().reshape(total, -1), real.detach().to(x.dtype).reshape(n, -1)
    sizes = (n,) if total > n else (total, total // 2) if total % 2 == 0 else (total,)
    for size in sizes:
        parts = [slice(0, total)] if size == total else [slice(0, size), slice(total - size, total)]
        found = [(rows, first) for rows in parts if (first := _first_row(reals, values[rows])) is not None]
        if found:
            yield from ((rows, int(real.storage_offset()) + first * real.stride(0)) for rows, first in found)
            return


def _first_row(reals: Tensor, part: Tensor) -> int | None:
    """Return the row of ``reals`` from which on its rows are those of ``part``, or None."""
    size, last = len(part), len(reals) - len(part)
    starts = [0] if last == 0 else (reals[: last + 1] == part[0]).all(1).nonzero().flatten().tolist()
    return next((start for start in starts if torch.equal(reals[start : start + size], part)), None)
