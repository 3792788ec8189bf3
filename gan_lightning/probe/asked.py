"""What a discriminator was asked: a call, the origins of its samples, and how to ask the same about others."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from gan_lightning.probe.inputs import replaced
from gan_lightning.probe.opinions import opinion_of, opinions_of_pair
from gan_lightning.probe.record import Kind
from gan_lightning.probe.rows import Origins
from gan_lightning.probe.watch import is_compiled


class Run(NamedTuple):
    """Rows that are of one kind.

    Args:
        begin: first row.
        end: row after the last.
        kind: what they are.
        origins: the numbers of the sources that they were made of.
    """

    begin: int
    end: int
    kind: Kind
    origins: Origins


@dataclass(slots=True, eq=False)
class Seen:
    """A floating tensor among the arguments of a call.

    Args:
        tensor: detached.
        runs: of what its rows were made.
        has_gradient: whether gradients run back into it.
    """

    tensor: Tensor
    runs: tuple[Run, ...]
    has_gradient: bool

    def is_all(self, kind: Kind) -> bool:
        """Tell whether all rows are of a kind."""
        return all(run.kind == kind for run in self.runs)


@dataclass(slots=True, eq=False)
class Asked:
    """A call of a discriminator.

    Args:
        network: which was called.
        args: positional arguments, detached.
        kwargs: named arguments, detached.
        seen: its floating tensors.
        output: what it returned, detached.
        step: how many optimizer steps came before it in this batch.
    """

    network: nn.Module
    args: Any
    kwargs: Any
    seen: tuple[Seen, ...]
    output: Any
    step: int

    @property
    def is_pair(self) -> bool:
        """Whether it judges real and generated samples at once, ``network(real, fake)``, and answers in this order."""
        if len(self.seen) < 2 or self.seen[0].tensor.shape != self.seen[1].tensor.shape:
            return False
        first, second = self.seen[:2]
        of_both = (first.is_all("real") and second.is_all("fake")) or (first.is_all("fake") and second.is_all("real"))
        output = self.output
        alike = isinstance(output, tuple) and len(output) > 1 and type(output[0]) is type(output[1])
        return of_both and alike and opinions_of_pair(output, len(first.tensor)) is not None

    def opinions(self, place: int, by_pairs: bool) -> Iterator["Opinion"]:
        """Yield the opinion of each run of rows of the samples, which are the ``place``-th floating tensor."""
        places = (0, 1) if by_pairs else (min(place, len(self.seen) - 1),)
        for number in places:
            seen = self.seen[number]
            logits = _answer(self.output, len(seen.tensor), number if by_pairs else None)
            if logits is not None:
                for run in seen.runs:
                    question = Question(self, number, run, by_pairs)
                    yield Opinion(self, run, question.samples, logits[run.begin : run.end], seen.has_gradient, question)


class Opinion(NamedTuple):
    """What one discriminator thinks of the rows of one kind in one call."""

    asked: Asked
    run: Run
    samples: Tensor
    logits: Tensor
    has_gradient: bool
    question: "Question"


class Question:
    """The call on a run of rows, to be asked again about other samples."""

    def __init__(self, asked: Asked, place: int, run: Run, by_pairs: bool) -> None:
        self._network, self._place, self._by_pairs = asked.network, place, by_pairs
        self._whole = [seen.tensor for seen in asked.seen[:2]] if by_pairs else [asked.seen[place].tensor]
        self._inputs, self._run = (asked.args, asked.kwargs), run
        self.samples = asked.seen[place].tensor[run.begin : run.end]

    def __call__(self, x: Tensor) -> Tensor:
        """Judge samples (N, ...) in the precision of the parameters, uncompiled, with gradients: logits (N,)."""
        x = x.to(next(self._network.parameters()).dtype)
        args, kwargs = replaced(self._inputs, lambda tensor: self._instead(tensor, x))
        eager = torch.compiler.set_stance("force_eager") if is_compiled(self._network) else nullcontext()
        with torch.enable_grad(), torch.autocast(x.device.type, enabled=False), eager:
            output = self._network(*args, **kwargs)
            logits = _answer(output, len(x), self._place if self._by_pairs else None)
        if logits is None:
            raise TypeError(f"{type(self._network).__name__} gave no logits for samples of shape {tuple(x.shape)}")
        return logits

    def _instead(self, tensor: Tensor, x: Tensor) -> Tensor:
        if any(tensor is whole for whole in self._whole):
            return x
        if tensor.ndim and len(tensor) == len(self._whole[0]):
            tensor = tensor[self._run.begin : self._run.end][: len(x)]
        return tensor.to(x.dtype) if tensor.is_floating_point() else tensor


def _answer(output: Any, rows: int, place: int | None) -> Tensor | None:
    if place is None:
        return opinion_of(output, rows)
    both = opinions_of_pair(output, rows)
    return None if both is None else both[place]
