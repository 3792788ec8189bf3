"""From the oracle's looks at a run to one word about it, and to the iteration from which a monitor could have known."""

from collections.abc import Iterable
from statistics import median
from typing import Any, Literal

from conditions import CONDITIONS
from recipes import Recipe, Setting

LAST, ENOUGH = 5, 3
Word = Literal["healthy", "failed", "grey"]
Looks = list[dict[str, Any]]


def word(recipe: Recipe, looks: Looks) -> Word:
    """Say how a run ended.

    Healthy: at least 3 of the last 5 looks are good and none is bad. Failed: at least 3 of them are bad, or the
    condition is a failure by construction. Else grey: listed, and not counted.
    """
    if CONDITIONS[recipe.condition].broken:
        return "failed"
    grades = [look["grade"] for look in looks[-LAST:]]
    if grades.count("bad") >= ENOUGH:
        return "failed"
    return "healthy" if grades.count("good") >= ENOUGH and "bad" not in grades else "grey"


def onset(recipe: Recipe, looks: Looks, learned: int) -> int:
    """Return the iteration from which a failed run had failed.

    By construction: where the fault struck. Otherwise the first bad look of the last stretch without a good one. A run
    that has never been well has failed when others of its kind are well: no one can tell it from slow learning before.

    Args:
        recipe: of the run.
        looks: the oracle's.
        learned: iteration at which healthy runs of the same kind are first good (median).
    """
    condition = CONDITIONS[recipe.condition]
    if condition.broken:
        return condition.at or learned
    after = 0
    for look in looks:
        if look["grade"] == "good":
            after = look["iteration"]
    first = next(look["iteration"] for look in looks if look["iteration"] > after and look["grade"] == "bad")
    return int(first if after else max(first, learned))


def agrees(looks: Looks, iteration: int) -> bool:
    """Tell whether a run that had been good was bad in two of the three looks up to an iteration.

    A run that was never good may be learning still, so the oracle cannot agree that it fails.
    """
    grades = [look["grade"] for look in looks if look["iteration"] <= iteration]
    return "good" in grades[:-2] and grades[-3:].count("bad") >= 2


class Twins:
    """When healthy runs are first good, by what they have in common with the run in question.

    Args:
        plain: the settings of healthy runs, and their looks.
    """

    def __init__(self, plain: Iterable[tuple[Setting, Looks]]) -> None:
        self._first: list[tuple[Setting, int]] = []
        for setting, looks in plain:
            good = [look["iteration"] for look in looks if look["grade"] == "good"]
            self._first.append((setting, good[0]))

    def learned(self, setting: Setting) -> int:
        """Return the median over the runs in the same setting; if none, on the same data and networks, or data."""
        likenesses = (
            lambda other: other == setting,
            lambda other: (other.data, other.nets) == (setting.data, setting.nets),
            lambda other: other.data == setting.data,
            lambda other: True,
        )
        for alike in likenesses:
            found = [first for other, first in self._first if alike(other)]
            if found:
                return int(median(found))
        raise ValueError("no healthy run without a fault is there yet: train some first")
