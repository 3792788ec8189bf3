"""``metrics.csv``: Lightning's ``CSVLogger``, and tables that others write in its way."""

import csv
from collections.abc import Iterator
from pathlib import Path

from gan_lightning.health.logs.log import Log, log_of, number

CLOCKS = ("step", "iteration", "global_step", "trainer/global_step", "iter", "iters", "batch", "_step", "epoch")
"""Columns that count, the first that is there is taken; else the rows are counted."""


def read_csv(path: Path) -> Log:
    """Read a table with a line of names."""
    with open(path, newline="", errors="replace") as stream:
        table = csv.DictReader(stream)
        names = [name for name in table.fieldnames or () if name]
        clock = next((name for name in CLOCKS if name in names), "row")
        values = [name for name in names if name not in CLOCKS]
        return log_of(path, clock, _rows(table, clock, values))


def _rows(table: Iterator[dict[str, str]], clock: str, names: list[str]) -> Iterator[tuple[int, dict[str, float]]]:
    for count, row in enumerate(table):
        when = number(row.get(clock)) if clock != "row" else float(count)
        if when is not None and abs(when) < float("inf"):
            yield int(when), {name: value for name in names if (value := number(row.get(name))) is not None}
