"""What the detectors say of a run, from what was measured in it: thresholds may change without training again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from kept_windows import Checks

from gan_lightning.health import Detector, History
from gan_lightning.health.cases import Cases
from gan_lightning.health.detectors import default_detectors


@dataclass(frozen=True)
class Case:
    """A verdict and when it stood.

    Args:
        kind: what.
        severity: how bad.
        begin: iteration of the check that opened it.
        end: of the check that closed it; None if it stood at the end.
        onset: since when, by its own account.
    """

    kind: str
    severity: str
    begin: int
    end: int | None
    onset: int

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain data."""
        return asdict(self)

    def stood(self, since: int) -> bool:
        """Tell whether it stood at some check from an iteration on."""
        return self.end is None or self.end > since


def judge(checks: Checks, detectors: Sequence[Detector] | None = None) -> list[Case]:
    """Go through a run's checks in order, as the monitor did; by the default detectors if None."""
    detectors = default_detectors() if detectors is None else detectors
    history, cases = History(), Cases()
    standing: dict[str, Case] = {}
    done: list[Case] = []
    for iteration, values in checks:
        history.add(iteration, values)
        change = cases.update(iteration, [found for each in detectors if (found := each.judge(history)) is not None])
        done += [replace(standing.pop(verdict.kind), end=iteration) for verdict in change.closed]
        for verdict in change.opened:
            if verdict.kind in standing:  # a warning that has become a failure
                done.append(replace(standing.pop(verdict.kind), end=iteration))
            standing[verdict.kind] = Case(verdict.kind, verdict.severity, iteration, None, verdict.onset)
    return done + list(standing.values())
