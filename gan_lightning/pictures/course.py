"""The course of a run as pictures take it: numbers by iteration, and what was found and done in the meantime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Series = Mapping[int, float]
"""Values by iteration, in order."""

MarkKind = Literal["warning", "failure", "remedy"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that held for a while: a verdict, or a remedy.

    Args:
        name: in words.
        kind: how grave a verdict is, or ``"remedy"``.
        start: iteration at which it began; of a verdict its onset.
        end: at which it ended; None if it never did.
    """

    name: str
    kind: MarkKind
    start: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of a run.

    Args:
        name: of the run, for people.
        series: under ``d/loss``, ``g/loss``, ``d/score``, ``g/score`` and ``d/rank_accuracy``, as far as known.
        health: what a monitor measured, by the detectors' names, such as ``fakes/vendi``.
        marks: verdicts and remedies.

    Example:
        >>> course = Course("mine", {"d/loss": {0: 1.4, 500: 1.2}}, marks=(Mark("oscillation", "warning", 300),))
        >>> course.last
        500
    """

    name: str
    series: Mapping[str, Series] = field(default_factory=dict)
    health: Mapping[str, Series] = field(default_factory=dict)
    marks: Sequence[Mark] = ()

    @property
    def last(self) -> int:
        """The last iteration of which anything is known; 0 if nothing is."""
        logged = (iteration for each in (*self.series.values(), *self.health.values()) for iteration in each)
        marked = (mark.start if mark.end is None else mark.end for mark in self.marks)
        return max((*logged, *marked), default=0)
