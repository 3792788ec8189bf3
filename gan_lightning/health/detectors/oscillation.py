"""Mode hopping: each window holds a part of the data, and each time another one."""

from typing import ClassVar

from torch import Tensor

from gan_lightning.functional import share_distance
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.floor import excess_floor
from gan_lightning.health.detectors.persistence import fraction, holds, onset
from gan_lightning.health.detectors.progress import level
from gan_lightning.health.detectors.quality import GOOD, quality
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Kind, Severity, Verdict
from gan_lightning.health.window import Window

CAUSE = (
    "The players circle around the equilibrium: the generator rushes to where the discriminator errs, the "
    "discriminator follows, and nothing damps the rotation; a learning rate of the generator that is too high, a "
    "discriminator that is too small, or a critic without a penalty do so."
)
ADVICE = (
    "penalise the discriminator's gradient at real and generated samples (R1 and R2, gamma scaled to the data's "
    "variance), which damps the rotation, and give it about 3,000 iterations",
    "undo a learning rate of the generator that was raised",
    "a wider discriminator, if it cannot tell anything",
    "sample from an average of the generator's weights (GeneratorEMA): it shows what the rotation is around",
)


class Oscillation(Detector):
    """Fail a run whose generated samples move from some bins of the real data to others between the checks.

    From ``patience`` iterations on, in three of four checks the shares move by more than ``hop`` and are at the same
    time further than ``distance`` from the real ones or miss more than ``missing`` of their mass. In an own study 38
    of 61 collapsed runs hopped, and none of 65 healthy ones did after 1,500 iterations. Where the samples were never
    good it is a warning until twice ``patience``, for runs that learn slowly hop at first.

    Args:
        hop: ``bins/hop`` from which the samples count as elsewhere, in (0, 1).
        distance: ``bins/tv`` from which a window is bad.
        missing: ``bins/missing`` from which it is.
        patience: iterations before which nothing is said.

    Raises:
        ValueError: if ``hop`` is not in (0, 1).

    Example:
        >>> history = History()
        >>> for check in range(1, 20):
        ...     history.add(100 * check, {"bins/hop": 0.95, "bins/tv": 0.85, "bins/missing": 0.8})
        >>> Oscillation().judge(history).kind
        'oscillation'
    """

    kind: ClassVar[Kind] = "oscillation"

    def __init__(self, hop: float = 0.7, distance: float = 0.5, missing: float = 0.35, patience: int = 1500) -> None:
        if not 0 < hop < 1:
            raise ValueError(f"expected a hop in (0, 1), got {hop}")
        self.hop, self.distance, self.missing, self.patience = hop, distance, missing, patience

    def measure(self, window: Window) -> dict[str, Tensor]:
        return {
            "bins/hop": share_distance(window.fake_shares, window.fake_shares_before),
            "bins/tv": window.tv,
            "bins/tv_real": window.tv_real,
            "bins/missing": window.missing,
        }

    def judge(self, history: History) -> Verdict | None:
        names, floor = ("bins/hop", "bins/tv", "bins/missing"), excess_floor(history)
        checks = zip(*(history.last(name, len(history)) for name in names), strict=False)
        bad = [
            hop > self.hop + floor and (tv > self.distance + floor or missing > self.missing + floor)
            for hop, tv, missing in checks
        ]
        if history.iteration < self.patience or not holds(bad) or quality(history, 5) == "improving":
            return None
        seen = {name: level(history.last(name, 4)) for name in names}
        reason = (
            f"{fraction(seen['bins/hop'])} of the generated samples are in other bins of the real data than at the "
            f"check before, while {fraction(seen['bins/missing'])} of the real mass is missing each time"
        )
        severity: Severity = "failure" if self._has_lost(history) else "warning"
        return Verdict(self.kind, severity, onset(history, bad), history.iteration, seen, reason, CAUSE, ADVICE)

    def _has_lost(self, history: History) -> bool:
        """Tell whether it was good once, or should be by now: runs that learn slowly hop, too, before they are good."""
        was_good = history.lowest("bins/tv") < GOOD + excess_floor(history)
        return was_good or history.iteration >= 2 * self.patience
