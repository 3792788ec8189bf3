"""Nothing reaches the generator any more.

Paper: Arjovsky, Bottou 2017, section 2.2.1, https://arxiv.org/abs/1701.04862 : the gradient of the saturating loss
vanishes as the discriminator gets better. Own study: gradient norms tell little about failure (area under the curve
.52 to .67), so a fall by a factor is asked for, and bad samples with it.
"""

from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.progress import streak
from gan_lightning.health.detectors.quality import distance_in_bins, in_words, quality
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Verdict
from gan_lightning.health.window import Window


class VanishingGradient(Detector):
    """Speaks when the generator's signal has fallen to a fraction of its best, or is nothing at all.

    Measures ``g/signal``, the median norm of the gradient of the generator's loss at a sample; ``g/reach``, that times
    the spread of the data: how much the loss would change over it; and ``g/gradient``, the norm at the weights.

    Args:
        fraction: of the highest signal that ever held, below which it has vanished.
        reach: below which it never was there.
        after: iteration of the first check that counts.
        checks: in a row that must show one of the two.

    Example:
        >>> VanishingGradient(fraction=1e-3).fraction
        0.001
    """

    kind = "vanishing_gradient"

    def __init__(self, fraction: float = 0.01, reach: float = 1e-6, after: int = 300, checks: int = 3) -> None:
        self.fraction, self.reach, self.after, self.checks = fraction, reach, after, checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        signal = window.signal.nanmedian() if len(window.signal) else window.signal.mean()
        spread = (window.real - window.real.mean(0)).square().sum(1).mean().sqrt()
        return {
            "g/signal": signal,
            "g/reach": signal * spread,
            "g/gradient": window.g_gradient.mean(),
            "d/gradient": window.d_gradient.mean(),
            **distance_in_bins(window),
        }

    def judge(self, history: History) -> Verdict | None:
        samples = quality(history)
        too_early = len(history) < self.checks or history.held(self.checks) < self.after
        if too_early or samples in ("good", "improving", "fair"):
            return None
        highest = history.highest("g/signal")
        fell = [value < self.fraction * highest for value in history.last("g/signal", self.checks)]
        is_nothing = [value < self.reach for value in history.last("g/reach", self.checks)]
        if not (streak(history, fell, self.checks) or streak(history, is_nothing, self.checks)):
            return None
        evidence = {name: history.now(name) for name in ("g/signal", "g/reach", "g/gradient", "d/score", "bins/tv")}
        evidence["g/signal highest"] = highest
        return Verdict(
            self.kind,
            "failure" if samples == "bad" else "warning",
            history.held(self.checks),
            history.iteration,
            evidence,
            f"the generator's signal vanishes: {evidence['g/signal']:.1e} per sample for {self.checks} checks, "
            f"where its highest level was {highest:.1e}, and the samples are {in_words(history)}",
            "a discriminator that is flat at the fakes: saturated under a loss that saturates (minimax), or dead "
            "(all its rectifiers off)",
            ADVICE,
        )


ADVICE = (
    "a loss that does not saturate for the generator (non-saturating, hinge, relativistic) in place of minimax",
    "R1 + R2 on, scaled to the data (measured: the best single change for a discriminator that wins)",
    "a lower learning rate for the discriminator (field's advice; little in our measurements)",
    "restart both players if the discriminator's units are dead",
    "instance noise, annealed (measured: a fifth of the runs)",
)
