"""All logs of a run together: a training's own numbers, and what a monitor measured, found and did."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_lightning.health.cases import Episode
from gan_lightning.health.diagnosis import diagnosis_of
from gan_lightning.health.diagnosis.recorded import recorded
from gan_lightning.health.events import read_events
from gan_lightning.health.logs import Log, Run, find_runs
from gan_lightning.health.logs.health_log import PREFIX, read_health
from gan_lightning.health.logs.read import READERS
from gan_lightning.health.remedies.action import Action
from gan_lightning.health.remedies.remedy import Change
from gan_lightning.report.logged_pictures import logged_pictures
from gan_lightning.report.record import Record, Watched

UNCOUNTED = ("iteration", "epoch", "row")
"""Clocks that are not Lightning's, which counts batches from 0."""


def read_record(place: Path) -> Record:
    """Read the newest run of a folder.

    Raises:
        ValueError: if there is none.
    """
    run, *_ = find_runs(place)
    events = _events(run)
    logged, refusals = _logged(run)
    checks = read_health(run.files["health.jsonl"]) if events else Log(run.folder, "iteration")
    if checks.series:
        own = {name: each for name, each in logged.series.items() if not name.startswith(PREFIX)}
        logged = Log(logged.path, logged.clock, own | checks.series)
    starts = tuple(event for event in events if event["event"] == "start")
    watched = _watched(bool(starts or checks.series), logged)
    episodes, doubts = _found(place, run, watched)
    return Record(
        place=place,
        folder=run.folder,
        log=logged,
        watched=watched,
        episodes=tuple(sorted(episodes, key=lambda episode: episode.verdict.onset)),
        actions=tuple(_action(event) for event in events if event["event"] == "remedy"),
        starts=starts,
        summary=next((event for event in reversed(events) if event["event"] == "summary"), {}),
        notes=(*refusals, *doubts),
        pictures=logged_pictures(run),
        written=run.changed,
    )


def _events(run: Run) -> list[dict[str, Any]]:
    file = run.files.get("health.jsonl")
    return [] if file is None else read_events(file)


def _logged(run: Run) -> tuple[Log, list[str]]:
    """Return the first log of a training's own that holds numbers, counted after the batch, and why others were not."""
    refusals = []
    for kind, file in run.files.items():
        if kind == "health.jsonl":
            continue
        try:
            log = READERS[kind](file)
        except ValueError as error:
            refusals.append(str(error))
            continue
        if log.series:
            return (log if log.clock in UNCOUNTED else log.later(1)), refusals
        refusals.append(f"{file.name} holds no numbers")
    return Log(run.folder, "iteration"), refusals


def _watched(by_events: bool, log: Log) -> Watched:
    if by_events:
        return "by events"
    return "by columns" if log.named(PREFIX).series else "by nobody"


def _found(place: Path, run: Run, watched: Watched) -> tuple[Sequence[Episode], Sequence[str]]:
    """Return the verdicts, and what cannot be told: the monitor's own, else what the logs give away."""
    if watched == "by events":
        file = run.files["health.jsonl"]
        return recorded(Log(file, "iteration"), Log(file, "iteration")), ()
    try:
        diagnosis = diagnosis_of(place)
    except ValueError as error:
        return (), (str(error),)
    return diagnosis.episodes, [text[:1].upper() + text[1:] for text in diagnosis.unknown]


def _action(event: dict[str, Any]) -> Action:
    change = event.get("change")
    return Action(
        int(event["iteration"]),
        event.get("doing", "applied"),
        str(event.get("remedy") or ""),
        str(event.get("against") or ""),
        Change(**change) if change else None,
    )
