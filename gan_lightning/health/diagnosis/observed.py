"""What the training steps of a module were seen to do."""

from collections import Counter
from dataclasses import dataclass, field
from math import isfinite

import torch
from torch import Tensor

from gan_lightning.probe import StepRecord


@dataclass(slots=True)
class Span:
    """The values of samples.

    Args:
        low: the lowest value.
        high: the highest.
        negative: share of the values below zero, of the last batch.
        shapes: without the batch.
        finite: whether all were.
    """

    low: float = float("inf")
    high: float = float("-inf")
    negative: float = 0.0
    shapes: set[tuple[int, ...]] = field(default_factory=set)
    finite: bool = True

    def see(self, x: Tensor) -> None:
        """Take in samples (N, ...)."""
        known = x[x.isfinite()]
        self.finite = self.finite and known.numel() == x.numel()
        self.shapes.add(tuple(x.shape[1:]))
        if known.numel():
            self.low, self.high = min(self.low, float(known.min())), max(self.high, float(known.max()))
            self.negative = float((known < 0).float().mean())


@dataclass(slots=True)
class Observed:
    """What the recorded batches of a run had in common.

    Args:
        batches: that were looked at.
        calls: of the discriminator, by what they judged: real, fake, between, unknown.
        real: the loader's samples.
        fake: the generator's.
        signals: mean norm of the gradient at each generated sample, by batch; NaN where none was seen.
        d_gradients: norm of the discriminator's gradient, likewise.
        g_gradients: likewise of the generator's.
        d_losses: of the discriminator, likewise.
        g_losses: of the generator, likewise.
    """

    batches: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    real: Span = field(default_factory=Span)
    fake: Span = field(default_factory=Span)
    signals: list[float] = field(default_factory=list)
    d_gradients: list[float] = field(default_factory=list)
    g_gradients: list[float] = field(default_factory=list)
    d_losses: list[float] = field(default_factory=list)
    g_losses: list[float] = field(default_factory=list)

    @torch.no_grad()
    def see(self, record: StepRecord) -> None:
        """Take in a batch; unlike a monitor it waits for the device."""
        self.batches += 1
        self.calls.update(judgement.kind for judgement in record.judgements)
        for span, samples in ((self.real, record.real), (self.fake, record.fake)):
            if samples is not None and samples.is_floating_point():
                span.see(samples.detach().float())
        for kept, value in (
            (self.signals, record.signal),
            (self.d_gradients, record.d_gradient),
            (self.g_gradients, record.g_gradient),
            (self.d_losses, record.d_loss),
            (self.g_losses, record.g_loss),
        ):
            kept.append(float("nan") if value is None else float(value.float().mean()))


def first_and_last(values: list[float]) -> tuple[float, float] | None:
    """Return the first and the last finite value; None if there is none."""
    known = [value for value in values if isfinite(value)]
    return (known[0], known[-1]) if known else None
