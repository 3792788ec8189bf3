"""The updates stand still.

Own study: a relative change of the generator's weights below .1 % per 100 iterations in two checks told a frozen
generator in 10 of 10 runs. How flat losses are told nothing (0 of 26), unless they do not move at all.
"""

from math import isnan

import torch
from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.progress import streak
from gan_lightning.health.detectors.quality import distance_in_bins, in_words, quality
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Severity, Verdict
from gan_lightning.health.window import Window


class Stagnation(Detector):
    """Speaks when one player's weights rest while the other's move, or both rest before the samples are good.

    Measures ``d/change`` and ``g/change``, the change of the weights since the last check over their norm. Both rest at
    the end of a schedule that lowers the learning rates to zero; with good samples this is no failure.

    Args:
        change: relative, per 100 iterations, below which a player rests.
        ratio: of the other player's change to it, above which one rests alone.
        flat: relative range of both losses below which they do not move.
        checks: in a row that must show rest.
        flat_checks: in a row over which the losses must not move.

    Example:
        >>> Stagnation(change=1e-4).change
        0.0001
    """

    kind = "stagnation"

    def __init__(
        self, change: float = 1e-3, ratio: float = 20.0, flat: float = 1e-5, checks: int = 2, flat_checks: int = 5
    ) -> None:
        self.change, self.ratio, self.flat = change, ratio, flat
        self.checks, self.flat_checks = checks, flat_checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        unknown = window.real.new_full((), torch.nan)
        return {
            "d/change": _relative(window.d_weights) if len(window.d_weights) else unknown,
            "g/change": _relative(window.g_weights) if len(window.g_weights) else unknown,
            "d/loss": window.d_loss.mean(),
            "g/loss": window.g_loss.mean(),
            **distance_in_bins(window),
        }

    def judge(self, history: History) -> Verdict | None:
        found = self._rest(history) or self._flat(history)
        if found is None:
            return None
        severity, onset, reason = found
        evidence = {name: history.now(name) for name in ("d/change", "g/change", "d/loss", "g/loss", "bins/tv")}
        return Verdict(
            self.kind,
            severity,
            onset,
            history.iteration,
            evidence,
            reason,
            "parameters that are frozen, missing from the optimizer or detached from the loss; a learning rate or a "
            "schedule at zero; or dead units, through which no gradient passes",
            ADVICE,
        )

    def _rest(self, history: History) -> tuple[Severity, int, str] | None:
        if len(history) < self.checks + 1:
            return None
        limit = self.change * min(1.0, (history.iteration - history.iterations[-2]) / 100)
        d, g = (history.last(name, self.checks) for name in ("d/change", "g/change"))
        onset, checks = history.held(self.checks), self.checks
        for name, own, other in (("generator", g, d), ("discriminator", d, g)):
            alone = [a < limit and b > max(limit, self.ratio * a) for a, b in zip(own, other, strict=False)]
            if streak(history, alone, checks):
                return (
                    "failure",
                    onset,
                    f"the {name} stands still: its weights changed by {own[-1]:.1e} of their norm between two checks, "
                    f"the other player's by {other[-1]:.1e}, for {checks} checks",
                )
        both = [a < limit and b < limit for a, b in zip(d, g, strict=False)]
        samples = quality(history)
        if samples == "good" or not streak(history, both, checks):
            return None
        return (
            "failure" if samples == "bad" else "warning",
            onset,
            f"both players stand still: their weights changed by {d[-1]:.1e} and {g[-1]:.1e} of their norms between "
            f"two checks, for {checks} checks, and the samples are {in_words(history)}",
        )

    def _flat(self, history: History) -> tuple[Severity, int, str] | None:
        values = [history.last(name, self.flat_checks) for name in ("d/loss", "g/loss")]
        samples = quality(history)
        enough = len(history) >= self.flat_checks
        if samples in ("good", "improving") or not enough or not all(self._is_flat(each) for each in values):
            return None
        return (
            "failure" if samples == "bad" else "warning",
            history.held(self.flat_checks),
            f"both losses are flat: {values[0][-1]:.4g} and {values[1][-1]:.4g} for {self.flat_checks} checks, "
            f"and the samples are {in_words(history)}",
        )

    def _is_flat(self, values: list[float]) -> bool:
        known = not any(isnan(value) for value in values) and bool(values)
        return known and max(values) - min(values) <= self.flat * max(abs(value) for value in values)


def _relative(weights: Tensor) -> Tensor:
    """Return change over norm, (); weights that are all zero and stay so rest."""
    return weights[1] / weights[0].clamp_min(torch.finfo(weights.dtype).tiny)


ADVICE = (
    "check that the optimizer holds this player's parameters, that they require gradients, and that its loss reaches "
    "them (no detach, no no_grad)",
    "check the learning rates and their schedules",
    "restart both players if units are dead; a leaky rectifier does not die",
    "more training is of no use as it stands",
)
