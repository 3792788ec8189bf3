"""A run's verdicts held against the truth."""

from dataclasses import asdict, dataclass
from typing import Any

from conditions import CONDITIONS
from judged import Case
from recipes import Run
from truth import Looks, Twins, Word, agrees, onset, word


@dataclass(frozen=True)
class Outcome:
    """What the table counts of a run.

    Args:
        run: its name.
        condition: what was done.
        family: of the setting.
        word: how it ended, by the oracle.
        onset: iteration from which it had failed; None if it had not.
        cases: all verdicts.
        last: the oracle's last figures.
        confirmed: alarms that the oracle agrees with: the run had been good, and was bad when they were raised.
    """

    run: str
    condition: str
    family: str
    word: Word
    onset: int | None
    cases: tuple[Case, ...]
    last: dict[str, Any]
    confirmed: tuple[Case, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain data."""
        return asdict(self)

    @property
    def alarms(self) -> list[Case]:
        """Verdicts of failure at any time."""
        return [case for case in self.cases if case.severity == "failure"]

    @property
    def false_alarms(self) -> list[Case]:
        """Alarms in a run that ends well, but for those about a failure that was there and mended itself."""
        return [case for case in self.alarms if case not in self.confirmed]

    @property
    def said(self) -> list[Case]:
        """Verdicts that stood after the onset, and were not raised before a fault that struck later."""
        assert self.onset is not None
        strike = CONDITIONS[self.condition].at
        return [case for case in self.cases if case.stood(self.onset) and case.begin > strike]

    @property
    def named(self) -> list[Case]:
        """Those of them that name the failure, or what the recipe names as equal, if only as a warning."""
        return [case for case in self.said if case.kind in CONDITIONS[self.condition].expected]

    @property
    def found(self) -> list[Case]:
        """Alarms among those that stood."""
        return [case for case in self.said if case.severity == "failure"]

    @property
    def right(self) -> list[Case]:
        """Alarms that name the failure."""
        return [case for case in self.named if case.severity == "failure"]

    @property
    def premature(self) -> list[Case]:
        """Alarms before a fault that struck later: false ones, for the run was well until then."""
        return [case for case in self.alarms if case.begin <= CONDITIONS[self.condition].at]

    @property
    def delay(self) -> int:
        """Iterations from the onset to the first alarm of a right kind; 0 if that was there before."""
        assert self.onset is not None
        return max(0, min(case.begin for case in self.right) - self.onset)


def outcome_of(run: Run, looks: Looks, cases: list[Case], twins: Twins) -> Outcome:
    """Hold a run's verdicts against the oracle's looks."""
    recipe = run.recipe
    said = word(recipe, looks)
    since = onset(recipe, looks, twins.learned(recipe.setting)) if said == "failed" else None
    last = {name: value for name, value in looks[-1].items() if name != "iteration"}
    confirmed = tuple(case for case in cases if agrees(looks, case.begin))
    return Outcome(run.name, recipe.condition, recipe.setting.family, said, since, tuple(cases), last, confirmed)
