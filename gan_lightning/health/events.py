"""``health.jsonl``: what a monitor saw, found and did, one JSON object per line.

Every line has ``event``, ``iteration`` and ``monitor`` (whose line it is). What else it has:

- ``start``: ``module``, ``versions``, ``networks`` (dotted paths by player), ``detectors`` (class, kind and settings:
  the thresholds), ``every``, ``samples``, ``ranks``. A run that was taken up again has several.
- ``check``: ``values``, all that was measured, by name; ``null`` where it was not finite or not known.
- ``verdict``: a ``Verdict`` in plain data; once when it is opened, and once more if it becomes a failure.
- ``over``: ``kind`` and ``onset`` of a verdict that ended here.
- ``remedy``: what was changed, and why.
- ``summary``: ``checks``, ``ended`` (``finished``, or the exception's name), and ``verdicts``: kind, severity, onset,
  found and end (``null`` while open) of all there were.
"""

from collections.abc import Mapping
from math import nan
from pathlib import Path
from typing import Any, Literal

from gan_lightning.logging.json_lines import JsonLines, read_lines

FILE = "health.jsonl"
NEEDED = {"event", "iteration"}

Event = Literal["start", "check", "verdict", "over", "remedy", "summary"]


class EventFile:
    """Appends events to a file, so that a crash costs the last line at most.

    Args:
        file: made with its folder when the first event is written.
        monitor: whose events these are; several monitors may share a file.
    """

    def __init__(self, file: Path, monitor: str) -> None:
        self.monitor, self._lines = monitor, JsonLines(file, f"what {monitor} finds", NEEDED)

    @property
    def file(self) -> Path:
        """Where they are written."""
        return self._lines.file

    def rewind(self, iteration: int) -> None:
        """Drop what a run that goes on from ``iteration`` sees again, and its end; at 0 all, that of another run."""
        self._lines.keep(lambda event: _stays(event, iteration))

    def write(self, event: Event, iteration: int, **fields: Any) -> None:
        """Append an event: plain data, of which numbers that are not finite become null."""
        self._lines.write({"event": event, **fields, "iteration": iteration, "monitor": self.monitor})


def read_events(path: Path | str) -> list[dict[str, Any]]:
    """Return the events of a file, or of the file in a run's folder, in order; lines that are cut off are left out.

    Raises:
        FileNotFoundError: if there is none.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     events = EventFile(Path(folder) / FILE, "HealthMonitor")
        ...     events.write("check", 100, values={"bins/tv": 0.25, "bins/hop": float("nan")})
        ...     read_events(folder)[0]["values"]
        {'bins/tv': 0.25, 'bins/hop': None}
    """
    return read_lines(Path(path) / FILE if Path(path).is_dir() else Path(path), NEEDED)


def values_of(check: Mapping[str, Any]) -> dict[str, float]:
    """Return what a ``check`` measured, with NaN for null, as a ``History`` takes it."""
    return {name: nan if value is None else float(value) for name, value in check["values"].items()}


def _stays(event: Mapping[str, Any], iteration: int) -> bool:
    return event["event"] != "summary" and iteration > 0 and int(event["iteration"]) <= iteration
