"""``metrics.jsonl``: what evaluations measured, one JSON object per line and metric.

Each has ``iteration``, ``metric`` (its name), ``values`` (by the metric's own names, ``null`` where not finite),
``floors`` (what as many perfect samples would have; ``null`` where not known) and ``facts``: ``n_fake``, ``n_real``,
``resize``, ``embedder``, and ``weights``, "average" or "raw".
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_lightning.logging.json_lines import JsonLines, read_lines

FILE = "metrics.jsonl"
NEEDED = {"iteration", "metric", "values"}


class EvaluationFile:
    """Appends results to a file, so that a crash costs the last line at most.

    Args:
        file: made with its folder when the first line is written.
    """

    def __init__(self, file: Path) -> None:
        self._lines = JsonLines(file, "what Evaluation measures", NEEDED)

    def rewind(self, iteration: int) -> None:
        """Drop what a run that goes on from ``iteration`` measures again; at 0 all, that of another run."""
        self._lines.keep(lambda line: 0 < line["iteration"] <= iteration)

    def write(
        self,
        iteration: int,
        metric: str,
        values: Mapping[str, float],
        floors: Mapping[str, float],
        facts: Mapping[str, Any],
    ) -> None:
        """Append what one metric said."""
        self._lines.write(
            {"iteration": iteration, "metric": metric, "values": values, "floors": floors or None, "facts": facts}
        )


def read_evaluations(path: Path | str) -> list[dict[str, Any]]:
    """Return the lines of a file, or of the file in a run's folder, in order; those that are cut off are left out.

    Raises:
        FileNotFoundError: if there is none.
    """
    return read_lines(Path(path) / FILE if Path(path).is_dir() else Path(path), NEEDED)
