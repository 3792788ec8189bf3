"""Numbers that are none, or that explode.

Own study: one NaN in one pixel of one batch left all weights NaN in 4 of 4 runs and never went away, so it is told at
the first check. What explodes is told by large factors only: growth of gradients is a weak signal (5 of 26 runs).
"""

from collections.abc import Mapping, Sequence
from math import isfinite

import torch
from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.progress import level, streak
from gan_lightning.health.detectors.quality import distance_in_bins, quality
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Severity, Verdict
from gan_lightning.health.window import Window

LOST = ("fakes", "logits", "losses", "weights")
"""What training does not come back from; single gradients that overflow are skipped under mixed precision."""


class Divergence(Detector):
    """Speaks at once when a number is NaN or infinite, and when signal, weights or losses grow without bound.

    Measures the share of values that are not finite: ``nonfinite`` over generated samples, logits, losses and weights
    (0.25 each), ``nonfinite/reals`` and ``nonfinite/gradients``; and ``d/spectrum`` and ``g/spectrum``, the largest
    singular value over the layers.

    Args:
        growth: of the generator's signal or a player's largest singular value, over its own lowest level, that is an
            explosion.
        loss: size of a loss that is one, in units of its own lowest level if that is above 1.
        checks: in a row that must show an explosion.

    Example:
        >>> Divergence(growth=1000).growth
        1000
    """

    kind = "divergence"

    def __init__(self, growth: float = 100.0, loss: float = 1e4, checks: int = 3) -> None:
        self.growth, self.loss, self.checks = growth, loss, checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        # The change of the weights is NaN at the first check, their norm never.
        parts = {
            "fakes": (window.fake,),
            "logits": (window.real_logits, window.fake_logits),
            "losses": (window.d_loss, window.g_loss),
            "weights": (window.d_weights[:1], window.g_weights[:1], window.d_spectrum, window.g_spectrum),
            "reals": (window.real,),
            "gradients": (window.d_gradient, window.g_gradient, window.signal),
        }
        shares = _nonfinite(parts)
        return {
            "nonfinite": torch.stack([shares[name] for name in LOST]).mean(),
            **{f"nonfinite/{name}": share for name, share in shares.items()},
            "d/spectrum": _largest(window.d_spectrum, window.real),
            "g/spectrum": _largest(window.g_spectrum, window.real),
            "d/loss_size": window.d_loss.abs().mean(),
            "g/loss_size": window.g_loss.abs().mean(),
            "g/signal": window.signal.nanmedian() if len(window.signal) else window.signal.mean(),
            **distance_in_bins(window),
        }

    def judge(self, history: History) -> Verdict | None:
        return self._not_finite(history) or self._explodes(history)

    def _not_finite(self, history: History) -> Verdict | None:
        evidence = {name: history.now(name) for name in ("nonfinite", *(f"nonfinite/{part}" for part in PARTS))}
        hit = [part for part in PARTS if evidence[f"nonfinite/{part}"] > 0]
        overflows = [value > 0 for value in history.last("nonfinite/gradients", self.checks)]
        if evidence["nonfinite"] > 0:
            severity: Severity = "failure"
            shares = ", ".join(f"{evidence[f'nonfinite/{part}']:.0%} of the {part}" for part in hit)
            reason = f"training has diverged: {shares} are NaN or infinite"
        elif streak(history, overflows, self.checks):
            severity = "failure"
            reason = (
                f"training diverges: {evidence['nonfinite/gradients']:.0%} of the gradients are NaN or infinite, for "
                f"{self.checks} checks"
            )
        elif evidence["nonfinite/reals"] > 0:
            severity = "warning"
            reason = f"{evidence['nonfinite/reals']:.1%} of the real samples' values are NaN or infinite"
        else:
            return None
        cause = (
            "NaN or infinite values in the data"
            if evidence["nonfinite/reals"] > 0
            else "a NaN or infinite value in an earlier batch, a learning rate that is too high, or a loss that "
            "overflows (half precision, a logarithm or a root of zero)"
        )
        onset = history.iteration
        return Verdict(self.kind, severity, onset, history.iteration, evidence, reason, cause, NONFINITE_ADVICE)

    def _explodes(self, history: History) -> Verdict | None:
        for name, words in GROWING.items():
            values, lowest = history.last(name, self.checks), history.lowest(name)
            if name == "g/signal":
                # It is next to nothing at the start and at an equilibrium: growth from there is none.
                lowest = max(lowest, level(history.last(name, history.length)))
            limit = self.loss * max(1.0, lowest) if name.endswith("loss_size") else self.growth * lowest
            grew = isfinite(limit) and lowest > 0 and streak(history, [value > limit for value in values], self.checks)
            samples = quality(history)
            if not grew or (name == "g/signal" and samples not in ("bad", "unknown")):
                continue
            return Verdict(
                self.kind,
                "warning" if samples in ("good", "improving") else "failure",
                history.held(self.checks),
                history.iteration,
                {name: values[-1], f"{name} lowest": lowest, "bins/tv": history.now("bins/tv")},
                f"training diverges: {words} has grown to {values[-1]:.2g} from {lowest:.2g}, for {self.checks} checks",
                "a learning rate that is too high, or a critic without penalty, clipping or spectral normalisation",
                EXPLOSION_ADVICE,
            )
        return None


PARTS = (*LOST, "reals", "gradients")

GROWING = {
    "d/spectrum": "the largest singular value of the discriminator's layers",
    "g/spectrum": "the largest singular value of the generator's layers",
    "d/loss_size": "the size of the discriminator's loss",
    "g/loss_size": "the size of the generator's loss",
    "g/signal": "the gradient of the generator's loss at its samples",
}

NONFINITE_ADVICE = (
    "look for NaN and infinite values in the data",
    "roll back to the last checkpoint before this (weights that are NaN do not recover: 4 of 4 runs)",
    "R1 + R2 and lower learning rates from there (derived, not measured)",
    "bfloat16 or full precision in place of half precision",
    "clip the gradient's norm (field's advice; of no use against NaN in the data)",
)

EXPLOSION_ADVICE = (
    "R1 + R2 on, scaled to the data (measured: all 13 runs of WGAN without a penalty regained their modes)",
    "lower learning rates",
    "spectral normalisation of the discriminator (field's advice)",
    "clip the gradient's norm (field's advice)",
)


def _nonfinite(parts: Mapping[str, Sequence[Tensor]]) -> dict[str, Tensor]:
    """Return the share of each part's values that are not finite, (); 0 if there are no values."""
    flat = [torch.cat([x.reshape(-1) for x in part]) for part in parts.values()]
    unlike = torch.split((~torch.cat(flat).isfinite()).float(), [len(part) for part in flat])
    return {name: each.sum() / max(1, len(each)) for name, each in zip(parts, unlike, strict=True)}


def _largest(spectrum: Tensor, like: Tensor) -> Tensor:
    return spectrum.amax() if len(spectrum) else like.new_full((), torch.nan)
