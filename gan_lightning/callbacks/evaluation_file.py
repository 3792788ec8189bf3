"""``metrics.jsonl``: what evaluations measured, one JSON object per line and metric.

Each has ``iteration``, ``metric`` (its name), ``values`` (by the metric's own names, ``null`` where not finite),
``floors`` (what as many perfect samples would have; ``null`` where not known) and ``facts``: ``n_fake``, ``n_real``,
``resize``, ``embedder``, and ``weights``, "average" or "raw".
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any

FILE = "metrics.jsonl"


class EvaluationFile:
    """Appends results to a file, so that a crash costs the last line at most.

    Args:
        file: made with its folder when the first line is written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._is_lost = False

    def rewind(self, iteration: int) -> None:
        """Drop what a run that goes on from ``iteration`` measures again; at 0 all, that of another run."""
        with self._kept_going():
            if self.file.exists():
                kept = [each for each in read_evaluations(self.file) if 0 < each["iteration"] <= iteration]
                fresh = self.file.with_suffix(".tmp")
                fresh.write_text("".join(json.dumps(each) + "\n" for each in kept), encoding="utf-8")
                fresh.replace(self.file)

    def write(
        self,
        iteration: int,
        metric: str,
        values: Mapping[str, float],
        floors: Mapping[str, float],
        facts: Mapping[str, Any],
    ) -> None:
        """Append what one metric said."""
        line = {
            "iteration": iteration,
            "metric": metric,
            "values": _finite(values),
            "floors": _finite(floors) or None,
            "facts": dict(facts),
        }
        with self._kept_going():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, allow_nan=False, default=str) + "\n")

    @contextmanager
    def _kept_going(self) -> Iterator[None]:
        """Warn, once, where a disk is full or a folder is not to be written to: no reason to end a training."""
        try:
            yield
        except OSError as error:
            if not self._is_lost:
                warnings.warn(f"cannot keep what Evaluation measures in {self.file}: {error}", stacklevel=2)
            self._is_lost = True


def read_evaluations(path: Path | str) -> list[dict[str, Any]]:
    """Return the lines of a file, or of the file in a run's folder, in order; those that are cut off are left out.

    Raises:
        FileNotFoundError: if there is none.
    """
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    with file.open(encoding="utf-8", errors="replace") as stream:
        parsed = [_parsed(line) for line in stream]
    return [each for each in parsed if each is not None]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"iteration", "metric", "values"} <= found.keys() else None


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in values.items()}
