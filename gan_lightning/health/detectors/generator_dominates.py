"""The discriminator cannot tell, although the samples are visibly wrong.

Own study: discriminators of 8 units failed in 9 of 9 runs with rank accuracies of .52 to .93 in the median, so chance
is sought over several checks, and only beside bad samples; at an equilibrium it is what one hopes for.
"""

from math import isnan

from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.balance import balance
from gan_lightning.health.detectors.progress import level
from gan_lightning.health.detectors.quality import distance_in_bins, quality
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Verdict
from gan_lightning.health.window import Window


class GeneratorDominates(Detector):
    """Speaks when the discriminator is fooled by samples that are bad and do not get better.

    Args:
        rank_accuracy: below which, in the median, the discriminator is at chance.
        score: generator's above which, in the median, it is fooled, where logits are log-odds.
        after: iteration of the first check that counts; before, bad samples are usual.
        checks: over which the medians are taken.

    Example:
        >>> GeneratorDominates(after=3000).after
        3000
    """

    kind = "generator_dominates"

    def __init__(self, rank_accuracy: float = 0.55, score: float = 0.9, after: int = 1500, checks: int = 5) -> None:
        self.rank_accuracy, self.score = rank_accuracy, score
        self.after, self.checks = after, checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        return window.once(balance) | distance_in_bins(window)

    def judge(self, history: History) -> Verdict | None:
        if len(history) < self.checks or history.held(self.checks) < self.after:
            return None
        if quality(history, self.checks) != "bad":
            return None
        names = ("d/rank_accuracy", "g/score", "d/score", "d/loss", "bins/tv")
        medians = {name: level(history.last(name, self.checks)) for name in names}
        accuracy = medians["d/rank_accuracy"]
        if isnan(accuracy) or not (accuracy <= self.rank_accuracy or self._is_fooled(medians)):
            return None
        return Verdict(
            self.kind,
            "failure",
            history.held(self.checks),
            history.iteration,
            medians,
            f"the generator dominates: the discriminator puts only {accuracy:.0%} of all pairs of a real and a "
            f"generated sample in order (medians of {self.checks} checks; generator's score {medians['g/score']:.2f}), "
            f"while the samples are bad (total variation {medians['bins/tv']:.2f})",
            "a discriminator that is too small, too slow or too strongly regularised to tell them",
            ADVICE,
        )

    def _is_fooled(self, medians: dict[str, float]) -> bool:
        """Tell whether fakes pass for real and neither the reals' probabilities nor the order are right."""
        is_log_odds = not medians["d/loss"] < 0
        fooled = medians["g/score"] > self.score and medians["d/score"] < 1 - self.score / 2
        return is_log_odds and fooled and medians["d/rank_accuracy"] < 0.75


ADVICE = (
    "a fresh, wider discriminator (measured on 2-D data: 5 of 5 runs; no other change mended one that was too small)",
    "R1 + R2 with it (measured: sharper samples)",
    "a higher learning rate for the discriminator, or a weaker penalty if there is one (field's advice)",
    "several discriminator updates per generator update (measured: little help)",
    "less dropout, noise or label smoothing for the discriminator (field's advice, not measured)",
)
