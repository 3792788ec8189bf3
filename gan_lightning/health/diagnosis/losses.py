"""What the losses of a run without a monitor tell: little, and that little reliably.

Own study, 170 runs: a discriminator loss that stays below .1 was seen in 22 of 61 collapsed runs and in none of 65
healthy ones; how high, how noisy or how flat the losses are told next to nothing, and neither did gradients.
"""

from itertools import pairwise
from math import isfinite
from statistics import median
from typing import ClassVar

from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.history import History
from gan_lightning.health.logs import Log, recognised
from gan_lightning.health.logs.log import Series
from gan_lightning.health.verdict import Kind, Verdict
from gan_lightning.health.window import Window

EVERY = 100
"""Iterations between two checks, as a monitor's; more where less was logged."""

SHARES = ("d/score", "g/score", "d/rank_accuracy")


class LossDominance(Detector):
    """Finds that the discriminator wins: its loss has gone to zero while the generator's is high or has risen.

    A loss that was ever negative is not bounded by zero (Wasserstein), and is not judged.

    Args:
        low: the discriminator's loss below which it has won; .1 in the study.
        high: the generator's loss above which it has lost, whatever it was before; 2.6 in the study.
        rise: or how many times its lowest level it has reached.
        checks: for how many checks in a row.

    Example:
        >>> history = History()
        >>> for check in range(5):
        ...     history.add(100 * check, {"d/loss": 0.01, "g/loss": 6.0})
        >>> LossDominance().judge(history).kind
        'discriminator_dominates'
    """

    kind: ClassVar[Kind] = "discriminator_dominates"

    def __init__(self, low: float = 0.1, high: float = 2.6, rise: float = 2.0, checks: int = 3) -> None:
        self.low, self.high, self.rise, self.checks = low, high, rise, checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        return {"d/loss": window.d_loss.mean(), "g/loss": window.g_loss.mean()}

    def judge(self, history: History) -> Verdict | None:
        d_losses = [loss for loss in history.last("d/loss", history.length) if isfinite(loss)]
        last, g_loss, g_lowest = d_losses[-self.checks :], history.now("g/loss"), history.lowest("g/loss")
        if len(last) < self.checks or min(d_losses) < 0 or max(last) >= self.low:
            return None
        if not (g_loss > self.high or (g_lowest > 0 and g_loss > self.rise * g_lowest)):
            return None
        return Verdict(
            self.kind,
            "failure",
            history.held(self.checks),
            history.iteration,
            {"d/loss": last[-1], "g/loss": g_loss},
            f"the discriminator's loss is {last[-1]:.2g} and the generator's {g_loss:.2g}: it tells every sample apart",
            "a discriminator that learns faster than the generator, BatchNorm in it over mixed batches, or few data",
            (
                "R1 (AddR1 for any module), or R1 and R2 together",
                "no BatchNorm in the discriminator, or real and generated samples in separate batches",
                "data augmentation before the discriminator if there are few samples (DiffAugment, ADA)",
            ),
        )


def checks_from(log: Log, d_loss: str | None = None, g_loss: str | None = None) -> tuple[Log, dict[str, str]]:
    """Return a log as if a monitor had checked, from the losses and scores of a run without one.

    Args:
        log: of the run.
        d_loss: name of the discriminator's loss; known by its name if None.
        g_loss: likewise of the generator's.

    Returns:
        The means between checks by the detectors' names, and from which logged names they are.

    Raises:
        ValueError: if a name is not in the log.
    """
    sources = recognised(log.series)
    for meaning, name in (("d/loss", d_loss), ("g/loss", g_loss)):
        if name is not None:
            if name not in log.series:
                raise ValueError(f"{log.path} has no {name!r}; it has {', '.join(sorted(log.series)) or 'no numbers'}")
            sources[meaning] = (name,)
    raw = {meaning: _sum([log.series[name] for name in names]) for meaning, names in sources.items()}
    raw = {meaning: each for meaning, each in raw.items() if meaning not in SHARES or _are_shares(each)}
    every = max([EVERY, *(_spacing(each) for each in raw.values())])
    checks = {meaning: _means(each, every) for meaning, each in raw.items()}
    losses = {meaning: raw[meaning] for meaning in ("d/loss", "g/loss") if meaning in raw}
    for meaning, each in losses.items():
        checks[f"{meaning}_size"] = _means({at: abs(value) for at, value in each.items()}, every)
    if losses:
        checks["nonfinite"] = checks["nonfinite/losses"] = _lost(list(losses.values()), every)
    return Log(log.path, log.clock, checks), {meaning: " + ".join(sources[meaning]) for meaning in raw}


def _lost(losses: list[Series], every: int) -> Series:
    """Return the share of the losses before each check that are NaN or infinite."""
    shares = [_means({at: float(not isfinite(value)) for at, value in each.items()}, every) for each in losses]
    checks = sorted({check for each in shares for check in each})
    return {check: max(each.get(check, 0.0) for each in shares) for check in checks}


def _sum(parts: list[Series]) -> Series:
    if len(parts) == 1:
        return parts[0]
    shared = [iteration for iteration in parts[0] if all(iteration in part for part in parts)]
    return {iteration: sum(part[iteration] for part in parts) for iteration in shared}


def _are_shares(series: Series) -> bool:
    return all(0 <= value <= 1 for value in series.values() if isfinite(value))


def _spacing(series: Series) -> int:
    """Return the usual distance of two values."""
    iterations = list(series)
    gaps = [later - earlier for earlier, later in pairwise(iterations)]
    return round(median(gaps)) if gaps else 0


def _means(series: Series, every: int) -> Series:
    """Return the means of the values up to each check, at the check; what is not finite stays so."""
    bins: dict[int, list[float]] = {}
    for iteration, value in series.items():
        bins.setdefault((iteration // every + 1) * every, []).append(value)
    return {check: sum(values) / len(values) for check, values in bins.items()}
