"""Mode collapse without labels: what part of the real data does the generator no longer make?

Paper: Richardson, Weiss 2018 (bins), https://arxiv.org/abs/1805.12462. Naeem et al. 2020 (coverage),
    https://arxiv.org/abs/2002.09797. Friedman, Dieng 2022 (Vendi score), https://arxiv.org/abs/2210.02410

The thresholds come from own runs on rings, grids, digits and MNIST. What alarms is a fall after the generator was good
once, for most runs that end healthy look collapsed when they begin.
"""

from typing import ClassVar

from torch import Tensor

from gan_lightning.functional import (
    coverage,
    different_bins,
    distances,
    duplicate_share,
    effective_rank,
    pair_distance,
    vendi_score,
)
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.floor import excess_floor
from gan_lightning.health.detectors.persistence import OF, fraction, holds, onset
from gan_lightning.health.detectors.progress import level
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Kind, Severity, Verdict
from gan_lightning.health.window import Window

CAUSE = (
    "The discriminator judges one sample at a time, so that a generator which makes the few samples that fool it best "
    "is not found out; without a gradient penalty, or with too high a learning rate, its gradients drive the generator "
    "from mode to mode."
)
ADVICE = (
    "penalise the discriminator's gradient at real and generated samples (R1 and R2, gamma scaled to the data's "
    "variance), leave both networks as they are and give it about 3,000 iterations",
    "undo a learning rate that was raised; lowering healthy ones does not bring modes back",
    "let the discriminator judge packs of samples (PacGAN), or give it dropout: both blur at first",
    "a wider discriminator, if it cannot tell anything",
    "a larger latent or a wider generator",
    "as the last step, restart both networks with the penalty on",
)


class ModeCollapse(Detector):
    """Compare the generated samples with the real ones in bins of the real data, and their pairwise distances.

    It fails a run in which, once the generator was good in two checks in a row (``armed``), three of four checks miss
    more than ``missing`` of the real mass or are further than ``distance`` from the real shares. Without having been
    good, it fails a run whose samples are all alike after ``patience``. It warns of a slow loss: the median of five
    checks, and three of four, miss more than ``slow`` and .1 more than at best.

    Args:
        armed: ``bins/tv`` at which the generator counts as good once; .4 from own runs.
        half_armed: ``bins/tv`` at which it counts as half good: from there a loss twice as large fails it.
        distance: ``bins/tv`` from which it is bad; .5 from own runs.
        missing: ``bins/missing`` from which it is bad; .35 from own runs.
        lost: how far ``bins/tv`` must have risen above its best level; a run that was hardly good has nothing to lose.
        slow: ``bins/missing`` from which a warning is due; .15 from own runs.
        alike: ``fakes/pair_distance`` below which all samples are alike.
        copies: ``fakes/duplicates`` above which they are.
        patience: iterations before which samples may be all alike.

    Raises:
        ValueError: if ``armed >= distance``: a run at the border would be armed and bad at once.

    Example:
        >>> history = History()
        >>> for check, missing in enumerate((0.5, 0.1, 0.1, 0.5, 0.5, 0.5), 1):
        ...     history.add(100 * check, {"bins/tv": missing + 0.1, "bins/missing": missing})
        >>> verdict = ModeCollapse().judge(history)
        >>> verdict.kind, verdict.onset
        ('mode_collapse', 400)
    """

    kind: ClassVar[Kind] = "mode_collapse"

    def __init__(
        self,
        armed: float = 0.4,
        half_armed: float = 0.5,
        distance: float = 0.5,
        missing: float = 0.35,
        lost: float = 0.1,
        slow: float = 0.15,
        alike: float = 0.05,
        copies: float = 0.9,
        patience: int = 1000,
    ) -> None:
        if not armed < distance:
            raise ValueError(f"expected armed < distance, got {armed} and {distance}")
        self.armed, self.half_armed, self.distance, self.missing, self.lost, self.slow = (
            armed,
            half_armed,
            distance,
            missing,
            lost,
            slow,
        )
        self.alike, self.copies, self.patience = alike, copies, patience

    def measure(self, window: Window) -> dict[str, Tensor]:
        real, fake = window.few_real, window.few_fake
        apart, apart_fake = distances(real, real), distances(fake, fake)
        bandwidth = apart.median() / 4
        return {
            "bins/tv": window.tv,
            "bins/tv_real": window.tv_real,
            "bins/missing": window.missing,
            "bins/missing_real": window.missing_real,
            "bins/ndb": different_bins(window.fake_shares, len(window.fake), window.real_shares, len(window.real)),
            "fakes/pair_distance": pair_distance(apart_fake) / pair_distance(apart),
            "fakes/duplicates": duplicate_share(apart_fake, apart),
            "fakes/coverage": coverage(apart, distances(real, fake)),
            "fakes/vendi": vendi_score(apart_fake, bandwidth, order=2.0) / vendi_score(apart, bandwidth, order=2.0),
            "fakes/effective_rank": effective_rank(fake) / effective_rank(real),
        }

    def judge(self, history: History) -> Verdict | None:
        return self._lost(history) or self._all_alike(history) or self._fading(history)

    def _lost(self, history: History) -> Verdict | None:
        floor, best = excess_floor(history), history.lowest("bins/tv")
        lost = level(history.last("bins/tv", OF)) - best
        was_good = best < self.armed + floor and lost > self.lost
        was_better = best < self.half_armed + floor and lost > 2 * self.lost
        if not (was_good or was_better):
            return None
        pairs = zip(history.last("bins/tv", len(history)), history.last("bins/missing", len(history)), strict=False)
        bad = [
            tv > self.distance + floor or (missing > self.missing + floor and tv >= self.armed + floor)
            for tv, missing in pairs
        ]
        return self._verdict(history, "failure", onset(history, bad)) if holds(bad) else None

    def _all_alike(self, history: History) -> Verdict | None:
        pairs = zip(
            history.last("fakes/pair_distance", len(history)),
            history.last("fakes/duplicates", len(history)),
            strict=False,
        )
        bad = [apart < self.alike or copies > self.copies for apart, copies in pairs]
        if history.iteration < self.patience or not holds(bad):
            return None
        return self._verdict(history, "failure", onset(history, bad))

    def _fading(self, history: History) -> Verdict | None:
        best, now = history.lowest("bins/missing"), level(history.last("bins/missing", 5))
        border = max(self.slow, best + 0.1)
        bad = [missing > border for missing in history.last("bins/missing", len(history))]
        if not (history.lowest("bins/tv") < self.armed + excess_floor(history) and now > border and holds(bad)):
            return None
        return self._verdict(history, "warning", onset(history, bad))

    def _verdict(self, history: History, severity: Severity, begin: int) -> Verdict:
        bins = ("bins/missing", "bins/missing_real", "bins/tv", "bins/tv_real")
        fakes = ("fakes/pair_distance", "fakes/duplicates", "fakes/coverage", "fakes/vendi")
        seen = {name: level(history.last(name, 3)) for name in bins + fakes}
        reason = (
            f"{fraction(seen['bins/missing'])} of the real data's mass is in bins with hardly any generated samples "
            f"(real samples: {fraction(seen['bins/missing_real'])}), the shares of the bins differ by "
            f"{fraction(seen['bins/tv'])} (real samples: {fraction(seen['bins/tv_real'])}), and generated samples lie "
            f"{seen['fakes/pair_distance']:.2f} times as far apart as real ones"
        )
        return Verdict(self.kind, severity, begin, history.iteration, seen, reason, CAUSE, ADVICE)
