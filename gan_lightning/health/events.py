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

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite, nan
from pathlib import Path
from typing import Any, Literal

FILE = "health.jsonl"

Event = Literal["start", "check", "verdict", "over", "remedy", "summary"]


class EventFile:
    """Appends events to a file, so that a crash costs the last line at most.

    Args:
        file: made with its folder when the first event is written.
        monitor: whose events these are; several monitors may share a file.
    """

    def __init__(self, file: Path, monitor: str) -> None:
        self.file, self.monitor = file, monitor
        self._has_folder = self._is_lost = False

    def rewind(self, iteration: int) -> None:
        """Drop what a run that goes on from ``iteration`` sees again, and its end; at 0 all, that of another run."""
        with self._kept_going():
            if not self.file.exists():
                return
            kept = [each for each in read_events(self.file) if _stays(each, iteration)]
            fresh = self.file.with_suffix(".tmp")
            fresh.write_text("".join(_line(each) for each in kept), encoding="utf-8")
            fresh.replace(self.file)

    def write(self, event: Event, iteration: int, **fields: Any) -> None:
        """Append an event: plain data, of which numbers that are not finite become null."""
        with self._kept_going():
            if not self._has_folder:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self._has_folder = True
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write(_line({"event": event, **fields, "iteration": iteration, "monitor": self.monitor}))

    @contextmanager
    def _kept_going(self) -> Iterator[None]:
        """Warn, once, where a disk is full or a folder is not to be written to: no reason to end a training."""
        try:
            yield
        except OSError as error:
            if not self._is_lost:
                warnings.warn(f"cannot keep what {self.monitor} finds in {self.file}: {error}", stacklevel=2)
            self._is_lost = True


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
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    with file.open(encoding="utf-8", errors="replace") as stream:
        parsed = [_parsed(line) for line in stream]
    return [event for event in parsed if event is not None]


def values_of(check: Mapping[str, Any]) -> dict[str, float]:
    """Return what a ``check`` measured, with NaN for null, as a ``History`` takes it."""
    return {name: nan if value is None else float(value) for name, value in check["values"].items()}


def _stays(event: Mapping[str, Any], iteration: int) -> bool:
    return event["event"] != "summary" and iteration > 0 and int(event["iteration"]) <= iteration


def _line(event: Mapping[str, Any]) -> str:
    return json.dumps(_plain(event), allow_nan=False) + "\n"


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and {"event", "iteration"} <= event.keys() else None


def _plain(value: Any) -> Any:
    """Return nested data as JSON has it; what it has not becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
