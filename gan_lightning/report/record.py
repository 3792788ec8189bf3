"""What a run left behind, put together from all of its files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gan_lightning.health.cases import Episode
from gan_lightning.health.logs import Log
from gan_lightning.health.remedies.action import Action
from gan_lightning.report.logged_pictures import Pictures

Watched = Literal["by events", "by columns", "by nobody"]
"""Whether a monitor's own file is there, only what it logged, or nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Record:
    """One run, as the page needs it; iterations are counted after the batch, the first is 1.

    Args:
        place: as the user named it.
        folder: where the run's files lie.
        log: all numbers by name; measured ones begin with ``health/``.
        watched: by whom.
        episodes: verdicts and their ends, by their onset.
        actions: what a ladder did.
        starts: the monitor's ``start`` events.
        summary: its last event, if the run came to an end that it saw.
        notes: what could not be read, in sentences.
        pictures: that only a logger has.
        written: when the newest of the logs was written, in seconds.
    """

    place: Path
    folder: Path
    log: Log
    watched: Watched
    episodes: tuple[Episode, ...] = ()
    actions: tuple[Action, ...] = ()
    starts: tuple[dict[str, Any], ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pictures: Pictures = field(default_factory=dict)
    written: float = 0.0

    @property
    def last(self) -> int:
        """The last iteration that is known of."""
        return max(self.log.last, int(self.summary.get("iteration", 0)))

    @property
    def checks(self) -> int:
        """How often a monitor looked."""
        return len({at for name, each in self.log.series.items() if name.startswith("health/") for at in each})
