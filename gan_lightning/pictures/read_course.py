"""The course of a run from what it has left in its folder, whoever logged it.

The readers are of ``gan_lightning.health``, and are loaded with the first run that is read: health uses callbacks, and
callbacks draw pictures.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lightning.pictures.course import Course, Mark, Series

if TYPE_CHECKING:
    from gan_lightning.health.logs import Log, Run


def read_course(place: Path | str) -> Course:
    """Read a run: losses and scores from its logger's files, verdicts and remedies from ``health.jsonl``.

    A run without a monitor is judged from its losses, as ``gan-lightning diagnose`` does.

    Args:
        place: the run's folder, or one above it (then the newest run), or a log.

    Raises:
        ValueError: if there is no log of a run.
    """
    from gan_lightning.health.logs import find_runs

    run = find_runs(Path(place))[0]
    events = _events(run)
    log = _numbers(run)
    health: dict[str, Series] = {**(log.named("health/").series if log is not None else {}), **_checks(events)}
    series = meaning(log.series) if log is not None else {}
    series = {**{name: health[name] for name in MEANINGS if name in health}, **series}
    if not series and not health:
        raise ValueError(f"{run.folder} has a log without a loss, a score or a check: did the run train?")
    marks = marks_of(events) if events else _judged(place)
    return Course(called(run.folder), series, health, marks)


def called(folder: Path) -> str:
    """Return what people call the run of a folder: ``ring/version_0``, for every run has its version 0."""
    return "/".join(folder.parts[-2:]) if folder.name.startswith("version_") else folder.name


MEANINGS = ("d/loss", "g/loss", "d/score", "g/score", "d/rank_accuracy")


def meaning(series: Mapping[str, Mapping[int, Any]]) -> dict[str, Series]:
    """Return losses and scores under our names, by what people call them.

    Example:
        >>> meaning({"errG": {0: 1.0}, "loss_D_real": {0: 0.5}, "loss_D_fake": {0: 0.25, 1: 0.5}, "lr": {0: 0.1}})
        {'d/loss': {0: 0.75}, 'g/loss': {0: 1.0}}
    """
    from gan_lightning.health.logs import recognised

    found: dict[str, Series] = {}
    for name, parts in recognised(series).items():
        shared = [at for at in series[parts[0]] if all(at in series[part] for part in parts)]
        found[name] = {at: sum(series[part][at] for part in parts) for at in shared}
    return found


def read_marks(folder: Path) -> list[Mark]:
    """Return the verdicts and remedies of a run that may still go on; none where it has no monitor."""
    from gan_lightning.health.events import FILE, read_events

    return marks_of(read_events(folder)) if (folder / FILE).is_file() else []


def marks_of(events: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """Return verdicts and remedies from the events of a monitor, by their start."""
    open_ones: dict[str, Mark] = {}
    past: list[Mark] = []
    for event in events:
        name = str(event.get("kind") or event.get("remedy") or event.get("doing", "")).replace("_", " ")
        if event["event"] == "verdict":
            open_ones[name] = Mark(name, event["severity"], event["onset"])
        elif event["event"] == "remedy" and event["doing"] in BEGINS:
            open_ones.setdefault(name + BEGINS[event["doing"]], _remedy(event, name))
        elif event["event"] == "over" or event.get("doing") in ENDS:
            name += ENDS.get(event.get("doing", ""), "")
            if name in open_ones:
                mark = open_ones.pop(name)
                past.append(Mark(mark.name, mark.kind, mark.start, event["iteration"]))
    return sorted((*past, *open_ones.values()), key=lambda mark: mark.start)


BEGINS = {"applied": "", "would apply": " (advised)", "gave up": ""}
ENDS = {"undone": "", "would undo": " (advised)"}
"""What a ladder says of its deeds, and what is added to a remedy's name where it only gives advice."""


def _remedy(event: Mapping[str, Any], name: str) -> Mark:
    return Mark(name + BEGINS[event["doing"]], "remedy", event["iteration"])


def _events(run: "Run") -> list[dict[str, Any]]:
    from gan_lightning.health.events import FILE, read_events

    return read_events(run.files[FILE]) if FILE in run.files else []


def _numbers(run: "Run") -> "Log | None":
    """Return the best log of a logger that can be read, counted as checks are: from 1."""
    from gan_lightning.health.events import FILE
    from gan_lightning.health.logs import Run, read_run

    others = {kind: file for kind, file in run.files.items() if kind != FILE}
    try:
        log = read_run(Run(run.folder, others, run.changed)) if others else None
    except ValueError:
        if FILE not in run.files:
            raise
        return None
    return None if log is None else log.later(1)


def _checks(events: Iterable[Mapping[str, Any]]) -> dict[str, Series]:
    from gan_lightning.health.events import values_of

    found: dict[str, dict[int, float]] = {}
    for event in events:
        if event["event"] == "check":
            for name, value in values_of(event).items():
                found.setdefault(name, {})[event["iteration"]] = value
    return dict(found)


def _judged(place: Path | str) -> list[Mark]:
    from gan_lightning.health.diagnosis import diagnosis_of

    try:
        episodes = diagnosis_of(place).episodes
    except ValueError:  # nothing in it that can be judged
        return []
    return [Mark(verdict.title, verdict.severity, verdict.onset, end) for verdict, end in episodes]
