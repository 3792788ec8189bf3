"""A generator that has never been good and does not get better."""

from math import isnan
from typing import ClassVar

from torch import Tensor

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.floor import excess_floor
from gan_lightning.health.detectors.persistence import fraction
from gan_lightning.health.detectors.progress import level
from gan_lightning.health.history import History
from gan_lightning.health.verdict import Kind, Verdict
from gan_lightning.health.window import Window

CHECKS = 5

CAUSE = (
    "The players do not play: the generator is not updated or gets no gradient, the discriminator tells real from "
    "generated samples by something the generator cannot change (ranges, batch statistics, a data bug), or learning "
    "rates are far off."
)
ADVICE = (
    "check that both networks change and that real and generated samples have the same range and shape",
    "let no batch norm of the discriminator see real and generated samples in one batch",
    "penalise the discriminator's gradient at real and generated samples (R1 and R2, gamma scaled to the data's "
    "variance) and start again with usual learning rates (2e-4 to 1e-3 for Adam with beta1 0 or .5)",
    "a wider discriminator, if it cannot tell anything",
    "if it is only slow, raise `patience`",
)


class DeadStart(Detector):
    """Fail a run that by ``patience`` iterations was never good and has hardly become better of late.

    ``bins/tv`` was never below ``armed`` in two checks in a row, its median over five checks is above ``distance``,
    and it fell by less than ``fall`` within the last ``within`` iterations. Of 65 healthy runs of an own study none
    looked like that after 1,500 iterations; for large networks, which learn slowly, use more.

    Args:
        patience: iterations before which nothing is said.
        armed: ``bins/tv`` at which the generator counts as good once.
        distance: ``bins/tv`` above which it is bad.
        fall: of ``bins/tv`` that counts as progress.
        within: iterations in which it must fall that much.

    Raises:
        ValueError: if ``within > patience`` or it is no positive number.

    Example:
        >>> history = History()
        >>> for check in range(1, 16):
        ...     history.add(100 * check, {"bins/tv": 0.9})
        >>> DeadStart().judge(history).kind
        'dead_start'
    """

    kind: ClassVar[Kind] = "dead_start"

    def __init__(
        self, patience: int = 1500, armed: float = 0.4, distance: float = 0.55, fall: float = 0.05, within: int = 1000
    ) -> None:
        if not 0 < within <= patience:
            raise ValueError(f"expected 0 < within <= patience, got within={within} and patience={patience}")
        self.patience, self.armed, self.distance = patience, armed, distance
        self.fall, self.within = fall, within

    def measure(self, window: Window) -> dict[str, Tensor]:
        return {"bins/tv": window.tv, "bins/tv_real": window.tv_real}

    def judge(self, history: History) -> Verdict | None:
        floor = excess_floor(history)
        tv = history.last("bins/tv", len(history))
        early = self._early(history)
        if history.iteration < self.patience or history.lowest("bins/tv") < self.armed + floor or not early:
            return None
        now, span = level(tv[-CHECKS:]), history.iteration - history.iterations[early - 1]
        before = level(tv[max(0, early - CHECKS) : early])
        allowed = self.fall * min(1.0, span / self.within)
        if isnan(now) or isnan(before) or now <= self.distance + floor or before - now >= allowed:
            return None
        evidence = {"bins/tv": now, "bins/tv before": before, "bins/tv_real": level(history.last("bins/tv_real", 5))}
        reason = (
            f"the shares of the generated samples in the bins of the real data are wrong by {fraction(now)} (real "
            f"samples: {fraction(evidence['bins/tv_real'])}), after {fraction(before)} {span:,} iterations ago, and "
            "were never right"
        )
        begin = history.iterations[0]
        return Verdict(self.kind, "failure", begin, history.iteration, evidence, reason, CAUSE, ADVICE)

    def _early(self, history: History) -> int:
        """Return how many checks lie ``within`` iterations back or more; the first five if none that are kept do."""
        old = sum(each <= history.iteration - self.within for each in history.iterations)
        if old or len(history) < history.length:
            return old
        return CHECKS
