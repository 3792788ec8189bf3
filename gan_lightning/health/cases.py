"""Which verdicts stand: opened when a detector speaks, closed when it has been silent for a while."""

from typing import Any, NamedTuple

from gan_lightning.health.verdict import Kind, Verdict

PATIENCE = 3


class Round(NamedTuple):
    """What a check changed: verdicts that are new or have become failures, and those that are over."""

    opened: list[Verdict]
    closed: list[Verdict]


class Cases:
    """The open verdicts of a run, by kind.

    Args:
        patience: silent checks after which a verdict is over.
    """

    def __init__(self, patience: int = PATIENCE) -> None:
        self.patience = patience
        self.open: dict[Kind, Verdict] = {}
        self._silent: dict[Kind, int] = {}

    def update(self, verdicts: list[Verdict]) -> Round:
        """Take in the verdicts of a check; a case keeps the onset it was opened with."""
        opened = []
        for verdict in verdicts:
            known = self.open.get(verdict.kind)
            if known is None or (known.severity, verdict.severity) == ("warning", "failure"):
                opened.append(verdict)
                self.open[verdict.kind] = verdict
            self._silent[verdict.kind] = 0
        spoken = {verdict.kind for verdict in verdicts}
        closed = []
        for kind in [kind for kind in self.open if kind not in spoken]:
            self._silent[kind] += 1
            if self._silent[kind] >= self.patience:
                closed.append(self.open.pop(kind))
        return Round(opened, closed)

    def state_dict(self) -> dict[str, Any]:
        return {"open": [verdict.as_dict() for verdict in self.open.values()], "silent": dict(self._silent)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        verdicts = [Verdict.from_dict(plain) for plain in state["open"]]
        self.open = {verdict.kind: verdict for verdict in verdicts}
        self._silent = dict(state["silent"])
