"""``metrics.jsonl``: what an evaluation measured, beside the floor of a perfect sampler."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import Any

from gan_lightning.callbacks.evaluation_file import FILE, read_evaluations
from gan_lightning.health.logs.log import Series, number

PREFIX = "metrics/"


@dataclass(slots=True)
class Measured:
    """A value of a metric, over a run.

    Args:
        name: as a logger has it, without ``metrics/``.
        series: values by iteration.
        floor: what a perfect sampler would score at that number of samples; None where nobody knows.
        facts: what the last value rests on: numbers of samples, size, embedder.
    """

    name: str
    series: Series = field(default_factory=dict)
    floor: float | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def finite(self) -> Series:
        """The values that are numbers."""
        return {at: value for at, value in self.series.items() if isfinite(value)}


def measured_in(folder: Path, logged: Mapping[str, Series]) -> list[Measured]:
    """Return the metrics of a run, from its file, else from what its loggers have.

    Args:
        folder: of the run.
        logged: numbers by name.
    """
    found: dict[str, Measured] = {}
    for line in _lines(folder):
        metric, floors, facts = str(line["metric"]), line.get("floors"), line.get("facts")
        for name, value in line["values"].items():
            each = found.setdefault(title := _title(metric, str(name)), Measured(title))
            read = number(value)
            each.series[int(line["iteration"])] = nan if read is None else read
            each.floor = number(floors.get(name)) if isinstance(floors, dict) else None
            each.facts = {what: str(fact) for what, fact in facts.items()} if isinstance(facts, dict) else {}
    if not found:
        names = [name for name in logged if name.startswith(PREFIX)]
        found = {name: Measured(name.removeprefix(PREFIX), dict(logged[name])) for name in names}
    for each in found.values():
        each.series = dict(sorted(each.series.items()))
    return list(found.values())


def _lines(folder: Path) -> list[dict[str, Any]]:
    """Return the whole lines of the file, if there is one."""
    lines = read_evaluations(folder) if (folder / FILE).is_file() else []
    return [line for line in lines if isinstance(line["values"], dict)]


def _title(metric: str, name: str) -> str:
    return name if metric in (name, "") or name.startswith(metric) else f"{metric}/{name}"
