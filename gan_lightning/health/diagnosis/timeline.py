"""A run judged again, check by check, from the numbers it logged."""

from collections.abc import Sequence
from math import nan

from gan_lightning.health.cases import Episode
from gan_lightning.health.detector import Detector
from gan_lightning.health.history import History
from gan_lightning.health.judge import Judge
from gan_lightning.health.logs import Log


def judged_again(log: Log, detectors: Sequence[Detector]) -> list[Episode]:
    """Return the verdicts on a run, by their onset.

    Detectors are pure, so it is what a monitor with these detectors would have said while the run went on.

    Args:
        log: what was measured at each check, by the detectors' names.
        detectors: any, also with other thresholds than the run's own.
    """
    judge = Judge(detectors)
    judge.history = _PartialHistory()
    for iteration in log.iterations:
        judge.judge(iteration, log.at(iteration))
    return judge.cases.episodes


class _PartialHistory(History):
    """A history in which what was never measured is not known at any check: a log may lack what detectors ask for."""

    def last(self, name: str, count: int) -> list[float]:
        return super().last(name, count) or [nan] * min(count, len(self))
