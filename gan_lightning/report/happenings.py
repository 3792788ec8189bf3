"""What happened to a run, in order: its verdicts, and what was done about them."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from gan_lightning.health.cases import Episode
from gan_lightning.health.remedies.action import Action
from gan_lightning.health.words import number
from gan_lightning.report.record import Record

Sort = Literal["failure", "warning", "remedy"]
DONE = ("applied", "undone", "would apply", "would undo")
"""Deeds that are marked on the curves; the others are only listed."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A verdict with its span, or a deed of the ladder.

    Args:
        number: by which lists and charts call it.
        sort: of happening.
        title: in a few words.
        begin: its iteration.
        end: of a verdict that is over.
        lines: what is known of it, by label.
        is_marked: whether charts show it.
    """

    number: int
    sort: Sort
    title: str
    begin: int
    end: int | None = None
    lines: dict[str, str] = field(default_factory=dict)
    advice: tuple[str, ...] = ()
    is_marked: bool = True

    @property
    def when(self) -> str:
        """Its iterations, in words."""
        if self.sort == "remedy":
            return f"iteration {self.begin:,}"
        return f"iteration {self.begin:,} to {self.end:,}" if self.end else f"since iteration {self.begin:,}"

    @property
    def row(self) -> str:
        """The line of a time line that it belongs in."""
        return "remedies" if self.sort == "remedy" else self.title


def happenings_of(record: Record) -> list[Happening]:
    """Return them by their beginning, numbered."""
    found: list[tuple[int, int, Episode | Action]] = [(each.verdict.onset, 0, each) for each in record.episodes]
    found += [(action.iteration, 1, action) for action in record.actions]
    ordered = sorted(found, key=lambda each: each[:2])
    return [_happening(place, each) for place, (_, _, each) in enumerate(ordered, start=1)]


def _happening(place: int, each: Episode | Action) -> Happening:
    if isinstance(each, Action):
        title = f"{each.doing.capitalize()} {each.remedy}".strip()
        against = f" against {each.against.replace('_', ' ')}" if each.against else ""
        change = {"change": f"{each.change.what}: {each.change.before} to {each.change.after}"} if each.change else {}
        why = {"why": each.change.why} if each.change else {}
        marked = each.doing in DONE
        return Happening(place, "remedy", title + against, each.iteration, None, change | why, is_marked=marked)
    verdict = each.verdict
    numbers = ", ".join(f"{name} {number(value)}" for name, value in verdict.evidence.items() if isfinite(value))
    lines = {"found": f"iteration {verdict.iteration:,}", "seen": verdict.reason, "numbers": numbers}
    lines = {label: text for label, text in (lines | {"usual cause": verdict.cause}).items() if text}
    title = verdict.title.capitalize()
    return Happening(place, verdict.severity, title, verdict.onset, each.end, lines, verdict.advice)
