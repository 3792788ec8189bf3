"""What the page's script draws, in plain data."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, get_args

from gan_lightning.health.logs.log import Series
from gan_lightning.health.verdict import Kind
from gan_lightning.health.words import number
from gan_lightning.report.panels import FLOORS, Panel, one_each, panels_of
from gan_lightning.report.thinning import broken, points_for, thinned

Numbers = dict[str, Series]
"""Of one run, by name."""

SPAN = 1000.0
"""Ratio of the highest to the lowest value from which an axis is logarithmic."""


def charts_of(runs: Sequence[Numbers], floors: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    """Return the charts of one or several runs.

    Args:
        runs: their numbers.
        floors: of each run's metrics, by the same names.
    """
    drawn = [{name: each for name, each in run.items() if _tells(name, each)} for run in runs]
    panels = panels_of(dict.fromkeys(name for run in drawn for name in run), get_args(Kind))
    panels = one_each(panels) if len(runs) > 1 else panels
    most = points_for(sum(name in run for panel in panels for name in panel.names for run in drawn))
    return [_chart(place, panel, drawn, floors, most) for place, panel in enumerate(panels)]


def still(runs: Sequence[Numbers]) -> list[str]:
    """Return, in words, the numbers that were the same all along, which no chart shows."""
    same: dict[str, set[str]] = {}
    for run in runs:
        for name, each in run.items():
            known = {number(value) for value in each.values() if isfinite(value)}
            if len(known) == 1 and not _tells(name, each):
                same.setdefault(name, set()).update(known)
    return [f"{name} {' or '.join(sorted(values))}" for name, values in same.items()]


def _tells(name: str, series: Series) -> bool:
    """Whether there is more to see than one value all along, or it is a player's loss or a metric."""
    values = set(series.values())
    known = {value for value in values if isfinite(value)}
    if name.startswith("health/"):
        return len(known) > 1 or (bool(known) and name in FLOORS)  # a monitor leaves NaN where it cannot measure
    return len(known) > 1 or len(known) < len(values) or name.startswith(("metrics/", "lr-")) or "loss" in name


def _chart(
    place: int, panel: Panel, runs: Sequence[Numbers], floors: Sequence[dict[str, float]], most: int
) -> dict[str, Any]:
    pairs = [(at, name, run[name]) for at, run in enumerate(runs) for name in panel.names if name in run]
    rows = [_row(at, name, series) for at, name, series in pairs]
    return {
        "id": f"chart-{place}",
        "section": panel.section,
        "title": panel.title,
        "about": panel.about,
        "aside": panel.is_aside,
        "log": _is_wide([series for _, _, series in pairs]),
        "curves": [_curve(at, name, series, most) for at, name, series in pairs],
        "floors": [
            {"run": at, "name": name, "value": float(of_run[name])}
            for at, of_run in enumerate(floors)
            for name in panel.names
            if name in of_run
        ],
        "rows": rows,
        "label": _label(panel, rows, len(runs)),
    }


def _curve(run: int, name: str, series: Series, most: int) -> dict[str, Any]:
    points = thinned(series, most)
    lost = [] if name.startswith("health/") else broken(series)
    return {
        "run": run,
        "name": name,
        "floor": name in FLOORS,
        "x": [at for at, _ in points],
        "y": [value for _, value in points],
        "broken": lost[:: max(1, len(lost) // 200)],
    }


def _is_wide(curves: Sequence[Series]) -> bool:
    values = [value for series in curves for value in series.values() if isfinite(value)]
    return bool(values) and min(values) > 0 and max(values) / min(values) > SPAN


def _row(run: int, name: str, series: Series) -> dict[str, Any]:
    """Return what a chart shows to those who cannot see it."""
    known = [value for value in series.values() if isfinite(value)]
    told = {"first": known[0], "lowest": min(known), "highest": max(known), "last": known[-1]} if known else {}
    lost = 0 if name.startswith("health/") else len(series) - len(known)
    return {"run": run, "name": name, "count": len(series), "broken": lost} | {
        what: number(value) for what, value in told.items()
    }


def _label(panel: Panel, rows: Sequence[dict[str, Any]], num_runs: int) -> str:
    told = [
        f"{row['name']}{f' of run {letter(row)}' if num_runs > 1 else ''} from {row['first']} to {row['last']}"
        for row in rows
        if "first" in row
    ]
    return f"Line chart, {panel.title}: " + ("; ".join(told) or "no finite value")


def letter(row: dict[str, Any]) -> str:
    """Return what the page calls the run of a row."""
    return chr(ord("A") + row["run"])
