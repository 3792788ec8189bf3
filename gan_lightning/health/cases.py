"""Which verdicts stand: opened when a detector speaks, closed when it has been silent for a while."""

from collections import deque
from dataclasses import replace
from typing import Any, NamedTuple

from gan_lightning.health.verdict import Kind, Verdict

PATIENCE = 3
KEPT = 256


class Round(NamedTuple):
    """What a check changed: verdicts that are new or have become failures, and those that are over."""

    opened: list[Verdict]
    closed: list[Verdict]


class Episode(NamedTuple):
    """A verdict, and the iteration of the check that ended it; None while it is open."""

    verdict: Verdict
    end: int | None


class Cases:
    """The open verdicts of a run, by kind, and the last ``KEPT`` that are over.

    Args:
        patience: silent checks after which a verdict is over.

    Example:
        >>> cases = Cases(patience=1)
        >>> found = Verdict("oscillation", "warning", 300, 500, {}, "it hops", "a high rate")
        >>> len(cases.update(500, [found]).opened), len(cases.update(600, []).closed), cases.episodes[0].end
        (1, 1, 600)
    """

    def __init__(self, patience: int = PATIENCE) -> None:
        self.patience = patience
        self.open: dict[Kind, Verdict] = {}
        self.past: deque[Episode] = deque(maxlen=KEPT)
        self.seen: list[Kind] = []
        """All kinds that were ever open."""
        self._silent: dict[Kind, int] = {}

    @property
    def episodes(self) -> list[Episode]:
        """All verdicts of the run, by their onset."""
        still = [Episode(verdict, None) for verdict in self.open.values()]
        return sorted([*self.past, *still], key=lambda episode: episode.verdict.onset)

    def update(self, iteration: int, verdicts: list[Verdict]) -> Round:
        """Take in the verdicts of a check; a case keeps the onset it was opened with."""
        opened: dict[Kind, Verdict] = {}
        for verdict in verdicts:
            known = self.open.get(verdict.kind)
            if known is None or (known.severity, verdict.severity) == ("warning", "failure"):
                onset = verdict.onset if known is None else min(known.onset, verdict.onset)
                self.open[verdict.kind] = opened[verdict.kind] = replace(verdict, onset=onset)
            self._silent[verdict.kind] = 0
        self.seen += [kind for kind in opened if kind not in self.seen]
        spoken = {verdict.kind for verdict in verdicts}
        closed = []
        for kind in [kind for kind in self.open if kind not in spoken]:
            self._silent[kind] += 1
            if self._silent[kind] >= self.patience:
                closed.append(self.open.pop(kind))
        self.past += [Episode(verdict, iteration) for verdict in closed]
        return Round(list(opened.values()), closed)

    def state_dict(self) -> dict[str, Any]:
        return {
            "open": [verdict.as_dict() for verdict in self.open.values()],
            "past": [(verdict.as_dict(), end) for verdict, end in self.past],
            "seen": list(self.seen),
            "silent": dict(self._silent),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        verdicts = [Verdict.from_dict(plain) for plain in state["open"]]
        self.open = {verdict.kind: verdict for verdict in verdicts}
        self.past = deque((Episode(Verdict.from_dict(plain), end) for plain, end in state["past"]), maxlen=KEPT)
        self.seen = list(state["seen"])
        self._silent = dict(state["silent"])
