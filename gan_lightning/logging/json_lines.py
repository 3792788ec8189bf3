"""A file of events, one JSON object per line, that a crash, a full disk or a resumed run does not spoil."""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any


class JsonLines:
    """Appends objects to a file, so that a crash costs the last line at most.

    Where the disk is full or the folder is not to be written to, it warns, once, and training goes on.

    Args:
        file: made with its folder when the first line is written.
        what: these lines tell, for the warning: "cannot keep WHAT in FILE".
        needed: names that every line has; one without is cut off, or of something else.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     lines = JsonLines(Path(folder) / "lines.jsonl", "what was seen", {"iteration"})
        ...     lines.write({"iteration": 100, "loss": float("nan")})
        ...     read_lines(lines.file, {"iteration"})
        [{'iteration': 100, 'loss': None}]
    """

    def __init__(self, file: Path, what: str, needed: set[str]) -> None:
        self.file, self.what, self.needed = file, what, needed
        self._has_folder = self._is_lost = False

    def keep(self, stays: Callable[[dict[str, Any]], bool]) -> None:
        """Drop the lines of which this does not hold."""
        with self._kept_going():
            if self.file.exists():
                kept = [each for each in read_lines(self.file, self.needed) if stays(each)]
                fresh = self.file.with_suffix(".tmp")
                fresh.write_text("".join(map(_line, kept)), encoding="utf-8")
                fresh.replace(self.file)

    def write(self, fields: Mapping[str, Any]) -> None:
        """Append a line: plain data, of which numbers that are not finite become null, and what JSON has not, text."""
        with self._kept_going():
            if not self._has_folder:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self._has_folder = True
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write(_line(fields))

    @contextmanager
    def _kept_going(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self._is_lost:
                warnings.warn(f"cannot keep {self.what} in {self.file}: {error}", stacklevel=2)
            self._is_lost = True


def read_lines(file: Path, needed: set[str]) -> list[dict[str, Any]]:
    """Return the objects of a file, in order, that have all of the needed names; lines that are cut off are left out.

    Raises:
        FileNotFoundError: if there is none.
    """
    with file.open(encoding="utf-8", errors="replace") as stream:
        parsed = [_parsed(line) for line in stream]
    return [each for each in parsed if isinstance(each, dict) and needed <= each.keys()]


def _line(fields: Mapping[str, Any]) -> str:
    return json.dumps(_plain(fields), allow_nan=False) + "\n"


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
