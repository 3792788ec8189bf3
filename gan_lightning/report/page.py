"""The page: everything that is known of one run or several, in one file that needs no network."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from gan_lightning._version import __version__
from gan_lightning.health.words import number
from gan_lightning.report.charts import charts_of, still
from gan_lightning.report.evaluations import PREFIX, measured_in
from gan_lightning.report.happenings import happenings_of
from gan_lightning.report.headline import headline
from gan_lightning.report.panels import SECTIONS
from gan_lightning.report.pictures import BUDGET, reels_of
from gan_lightning.report.reading import read_record
from gan_lightning.report.record import Record
from gan_lightning.report.settings import configuration_of, environment_of, table

FILE = "report.html"
MOST_RUNS = 6
"""As many colours can be told apart."""


def write_report(places: Sequence[Path | str], out: Path | str | None = None) -> Path:
    """Write the page and return its file.

    Args:
        places: folders of runs, or ones above them, of which the newest run is taken; or logs.
        out: the file; by default ``report.html`` in the run's folder, or for several runs in the working folder.

    Raises:
        ValueError: if a place holds no run, or two hold the same.
        OSError: if the page cannot be written where it is to go.
        ModuleNotFoundError: if plotly or Jinja2 is not installed.
    """
    if not 1 <= len(places) <= MOST_RUNS:
        raise ValueError(f"expected 1 to {MOST_RUNS} runs, got {len(places)}: more curves on one chart cannot be read")
    for name in ("plotly", "jinja2"):  # before anything is read
        _needed(name)
    records = [read_record(Path(place)) for place in places]
    folders = [record.folder.resolve() for record in records]
    for record, folder in zip(records, folders, strict=True):
        if folders.count(folder) > 1:
            raise ValueError(f"the run in {str(record.folder)!r} was named twice")
    file = Path(out) if out is not None else (records[0].folder / FILE if len(records) == 1 else Path(FILE))
    text = page(records)
    try:
        _write(file, text)
    except OSError as error:
        raise OSError(f"the report cannot be written to {str(file)!r} ({error}): name another file by --out") from error
    return file


def _write(file: Path, text: str) -> None:
    """Write a file as a whole, or leave nothing of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def page(records: Sequence[Record]) -> str:
    """Return the page's HTML."""
    measured = [measured_in(record.folder, record.log.series) for record in records]
    numbers = [
        {name: each for name, each in record.log.series.items() if not (found and name.startswith(PREFIX))}
        | {PREFIX + each.name: each.series for each in found}
        for record, found in zip(records, measured, strict=True)
    ]
    floors = [{PREFIX + each.name: each.floor for each in found if each.floor is not None} for found in measured]
    charts = charts_of(numbers, floors)
    names = _names(records)
    runs = [_run(place, record, names[place], len(records)) for place, record in enumerate(records)]
    data = {
        "clock": _clock(records),
        "last": max([each.last for each in records] + [max(each.series) for found in measured for each in found]),
        "runs": [{"letter": run["letter"], "name": run["name"], "events": run["events"]} for run in runs],
        "charts": [{key: chart[key] for key in ("id", "title", "log", "curves", "floors")} for chart in charts],
        "reels": [{kind: _frames(reel) for kind, reel in run["reels"].items()} for run in runs],
    }
    template = _environment().get_template("page.html.j2")
    text: str = template.render(
        runs=runs,
        data=_embedded(data),
        kinds=list(dict.fromkeys(kind for run in runs for kind in run["reels"])),
        sections=[(name, [chart for chart in charts if chart["section"] == name]) for name in SECTIONS],
        still=still(numbers),
        metrics=[(run, found) for run, found in zip(runs, measured, strict=True) if found],
        configuration=table([run["configuration"] for run in runs]),
        environment=table([environment_of(record) for record in records]),
        plotly=_needed("plotly.offline").get_plotlyjs(),
        version=__version__,
    )
    return text


def _run(place: int, record: Record, name: str, num_runs: int) -> dict[str, Any]:
    happenings = happenings_of(record)
    settings, unread = configuration_of(record.folder)
    return {
        "place": place,
        "letter": chr(ord("A") + place),
        "name": name,
        "record": record,
        "headline": headline(record),
        "happenings": happenings,
        "rows": list(dict.fromkeys(each.row for each in happenings)),
        "events": [
            {"n": each.number, "sort": each.sort, "title": each.title, "x0": each.begin, "x1": each.end}
            for each in happenings
            if each.is_marked
        ],
        "reels": reels_of(record.folder, record.last, BUDGET // num_runs, record.pictures),
        "configuration": settings,
        "unread": unread,
        "written": datetime.fromtimestamp(record.written, UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def _names(records: Sequence[Record]) -> list[str]:
    """Return short names: the ends of the folders' paths, from where they differ."""
    folders = [record.folder.resolve() for record in records]
    if len(folders) == 1:
        return ["/".join(folders[0].parts[-2:]).lstrip("/")]
    shared = Path(os.path.commonpath(folders))
    return [folder.relative_to(shared).as_posix() for folder in folders]


def _clock(records: Sequence[Record]) -> str:
    clocks = {record.log.clock for record in records}
    return clocks.pop() if clocks in ({"epoch"}, {"row"}) else "iteration"


def _frames(reel: Any) -> list[dict[str, Any]]:
    return [{"at": frame.at, "uri": frame.uri} for frame in reel.frames]


def _embedded(data: Any) -> str:
    """Return JSON that nothing in it can end before its time."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _environment() -> Any:
    jinja2 = _needed("jinja2")
    here = files("gan_lightning.report")
    loader = jinja2.FunctionLoader(lambda name: here.joinpath(name).read_text(encoding="utf-8"))
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = number
    return environment


def _needed(name: str) -> Any:
    """Import a package of the extra.

    Raises:
        ModuleNotFoundError: that says how to install it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"the report needs {name.partition('.')[0]}, which is not installed: pip install 'gan-lightning[report]'"
        ) from error
