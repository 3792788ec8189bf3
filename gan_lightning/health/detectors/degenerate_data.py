"""The data repeat themselves, or all carry one label.

Own study: the share of distinct real samples told a loader that repeats one batch in all runs, at the next check.
"""

from math import isnan

import torch
from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Severity, Verdict
from gan_lightning.health.window import Window

CELL = 1e-3
"""Samples are the same if they are in all coordinates, to this part of the data's spread."""


class DegenerateData(Detector):
    """Speaks when a window's real samples are few distinct ones, or all of one class.

    Samples of a shuffled set are all distinct within an epoch. Measures ``reals/distinct``, how many are;
    ``reals/unique``, their share; ``reals/labels``, how many classes there are, ``reals/label``, the highest, and
    ``fakes/labels``, how many the generator was asked for.

    Args:
        unique: share of distinct samples below which they repeat too much.
        fewest: number of distinct samples up to which there is no data to speak of: a GAN of any kind learns them by
            heart.
        rows: real samples that a window must have.

    Example:
        >>> DegenerateData(unique=0.25).unique
        0.25
    """

    kind = "degenerate_data"

    def __init__(self, unique: float = 0.5, fewest: int = 64, rows: int = 32) -> None:
        self.unique, self.fewest, self.rows = unique, fewest, rows

    def measure(self, window: Window) -> dict[str, Tensor]:
        distinct, rows = _distinct(_codes(window.real)), len(window.real)
        return {
            "reals/distinct": distinct,
            "reals/unique": distinct / rows,
            "reals/labels": _distinct(window.real_label.double()),
            "reals/label": _highest(window.real_label),
            "fakes/labels": _distinct(window.fake_label.double()),
        }

    def judge(self, history: History) -> Verdict | None:
        distinct, unique = history.now("reals/distinct"), history.now("reals/unique")
        if isnan(distinct) or unique == 0 or distinct / unique < self.rows:
            return None
        return self._repeats(history, distinct, unique) or self._one_label(history, distinct / unique)

    def _repeats(self, history: History, distinct: float, unique: float) -> Verdict | None:
        before = history.highest("reals/unique")
        if unique >= self.unique:
            return None
        fell = unique < self.unique * before
        severity: Severity = "failure" if fell or distinct <= self.fewest else "warning"
        rows = distinct / unique
        return self._verdict(
            history,
            severity,
            {"reals/distinct": distinct, "reals/unique": unique, "reals/unique highest": before},
            f"only {distinct:.0f} of {rows:.0f} real samples are distinct ({unique:.0%})"
            + (f", after {before:.0%} at other checks" if fell else ""),
            "a loader that repeats a batch or a worker's share"
            if fell
            else "a very small data set, or a loader that repeats a batch",
            (
                "check what the loader yields, batch by batch",
                "more data",
                "augmentation (ADA, DiffAugment) if there is none",
            ),
        )

    def _one_label(self, history: History, rows: float) -> Verdict | None:
        names = ("reals/labels", "reals/label", "fakes/labels")
        labels, label, asked = (history.now(name) for name in names)
        if labels != 1 or isnan(asked):
            return None
        return self._verdict(
            history,
            "failure",
            {name: history.now(name) for name in names},
            f"all labels equal: {rows:.0f} real samples in a row carry the label {label:.0f}",
            "labels that were lost on the way, or a loader that goes through the classes one by one",
            (
                "check the labels that the loader yields",
                "shuffle the data",
                "leave labels out if there is one class only",
            ),
        )

    def _verdict(
        self,
        history: History,
        severity: Severity,
        evidence: dict[str, float],
        reason: str,
        cause: str,
        advice: tuple[str, ...],
    ) -> Verdict:
        now = history.iteration
        return Verdict(self.kind, severity, now, now, evidence, reason, cause, advice)


def _highest(label: Tensor) -> Tensor:
    return label.amax().float() if len(label) else torch.full((), torch.nan, device=label.device)


def _codes(x: Tensor) -> Tensor:
    """Return a number per row (N,), the same for rows that agree to rounding; NaN if any value is not finite."""
    offset = x - x[0]
    spread = offset.square().mean().sqrt()
    # The second part is that of rounding, where all rows are equal.
    cell = torch.maximum(CELL * spread, CELL / 100 * x.abs().amax()).clamp_min(torch.finfo(x.dtype).tiny)
    place = torch.arange(1, x.shape[1] + 1, device=x.device, dtype=torch.float64).sqrt()
    codes = ((offset / cell).round().double() * place).sum(1)
    return codes + 0 * x.sum().double()


def _distinct(codes: Tensor) -> Tensor:
    """Return how many different numbers there are, (), without a synchronisation; NaN if there are none or one is."""
    if not len(codes):
        return torch.full((), torch.nan, device=codes.device)
    ordered = codes.sort().values
    steps = ordered.diff().abs() > 1e-6
    return (1 + steps.sum() + 0 * codes.sum()).float()
