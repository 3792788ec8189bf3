"""The discriminator tells all fakes, and the generator does not get better.

Own study behind the thresholds (170 runs): of the fakes more than 90 % rejected with a probability below .02 in three
checks after iteration 300, or a rank accuracy above .998 in three after 1,000: 0 of 65 healthy runs. A rank accuracy of
.97 is usual for healthy GANs on images, so "the discriminator is right in 90 % of cases" is no failure.

Differs: the study did not look at the samples; here a discriminator that wins over a generator with good samples, or
one that still gets better, is left alone. Probabilities count only while the discriminator's loss is that of log-odds:
never negative, as a critic's is that separates anything.
"""

from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.balance import balance
from gan_lightning.health.detectors.progress import streak
from gan_lightning.health.detectors.quality import distance_in_bins, in_words, quality
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Verdict
from gan_lightning.health.window import Window


class DiscriminatorDominates(Detector):
    """Speaks when the discriminator rejects nearly every fake and the samples are bad.

    Args:
        saturated: share of plainly rejected fakes above which it dominates, with a score above it too.
        saturated_after: iteration from which on this counts.
        rank_accuracy: above which it dominates, whatever its loss.
        rank_accuracy_after: iteration from which on this counts.
        checks: in a row that must show one of the two.

    Example:
        >>> DiscriminatorDominates(checks=2).checks
        2
    """

    kind = "discriminator_dominates"

    def __init__(
        self,
        saturated: float = 0.9,
        saturated_after: int = 300,
        rank_accuracy: float = 0.998,
        rank_accuracy_after: int = 1000,
        checks: int = 3,
    ) -> None:
        self.saturated, self.saturated_after = saturated, saturated_after
        self.rank_accuracy, self.rank_accuracy_after = rank_accuracy, rank_accuracy_after
        self.checks = checks

    def measure(self, window: Window) -> dict[str, Tensor]:
        return window.once(balance) | distance_in_bins(window)

    def judge(self, history: History) -> Verdict | None:
        by_probability = self._streak(history, self._rejects(history), self.saturated_after)
        by_order = self._streak(history, self._orders(history), self.rank_accuracy_after)
        samples = quality(history)
        if samples == "good" or not (by_probability or (by_order and samples in ("bad", "unknown"))):
            return None
        names = ("d/rank_accuracy", "d/score", "g/score", "d/saturated", "d/gap", "bins/tv")
        evidence = {name: history.now(name) for name in names}
        seen = (
            f"it gives {evidence['d/saturated']:.0%} of the fakes a probability below .02"
            if by_probability
            else f"it puts {evidence['d/rank_accuracy']:.2%} of all pairs of a real and a generated sample in order"
        )
        return Verdict(
            self.kind,
            "failure" if samples == "bad" else "warning",
            history.held(self.checks),
            history.iteration,
            evidence,
            f"the discriminator dominates: {seen}, for {self.checks} checks, and the samples are {in_words(history)}",
            "a discriminator that separates real from generated samples perfectly is steep or flat there, so that the "
            "generator learns nothing useful; often no penalty, a learning rate that is too high, or batch norm in the "
            "discriminator over a batch of both",
            ADVICE,
        )

    def _rejects(self, history: History) -> list[bool]:
        names = ("d/saturated", "d/score", "d/loss")
        values = zip(*(history.last(name, self.checks) for name in names), strict=False)
        # A loss that is not known (NaN) does not speak against log-odds; a negative one does.
        return [s > self.saturated and score > self.saturated and not loss < 0 for s, score, loss in values]

    def _orders(self, history: History) -> list[bool]:
        return [value > self.rank_accuracy for value in history.last("d/rank_accuracy", self.checks)]

    def _streak(self, history: History, holds: list[bool], after: int) -> bool:
        return streak(history, holds, self.checks) and history.held(self.checks) >= after


ADVICE = (
    "switch R1 + R2 on, scaled to the data (measured: the best single change, and then wait 1,000 to 3,000 iterations)",
    "put the discriminator's learning rate back to the generator's (measured, together with R1 + R2)",
    "let the discriminator see real and generated samples in batches of their own if it has batch norm",
    "restart both players under R1 + R2 if the generator is wrecked (measured on 2-D data)",
    "dropout in the discriminator (measured: half of the runs; blurs healthy ones)",
    "fewer filters in the discriminator or more in the generator (field's advice, not measured)",
    "flip some labels (field's advice; as good as nothing in our measurements)",
)
