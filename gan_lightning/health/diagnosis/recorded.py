"""What a run's own monitor said, as it logged it."""

from pathlib import Path
from typing import Any, get_args

from gan_lightning.health.cases import Episode
from gan_lightning.health.events import read_events
from gan_lightning.health.logs import Log
from gan_lightning.health.logs.log import Series
from gan_lightning.health.verdict import Kind, Verdict


def recorded(log: Log, checks: Log) -> list[Episode]:
    """Return the verdicts of the run itself, from its events, or from the columns ``health/<kind>`` of a logger.

    Args:
        log: as it was read.
        checks: the part of it that the monitor measured.
    """
    return _from_events(log.path) if log.path.suffix == ".jsonl" else _from_columns(checks)


def remedies_of(log: Log) -> list[str]:
    """Return what a ladder did, a line each; only ``health.jsonl`` tells."""
    if log.path.suffix != ".jsonl":
        return []
    return [_deed(event) for event in read_events(log.path) if event["event"] == "remedy"]


def _deed(event: dict[str, Any]) -> str:
    what = f"{event.get('doing', '')} {event.get('remedy', '')}".strip()
    against = str(event.get("against") or "").replace("_", " ")
    return f"{event['iteration']:,}: {what}" + (f" against {against}" if against else "")


def _from_events(path: Path) -> list[Episode]:
    episodes: dict[str, Episode] = {}
    past: list[Episode] = []
    for event in read_events(path):
        if event["event"] == "verdict":
            verdict = Verdict.from_dict({name: event[name] for name in Verdict.__dataclass_fields__})
            episodes[verdict.kind] = Episode(_with_numbers(verdict), None)
        elif event["event"] == "over" and event["kind"] in episodes:
            past.append(Episode(episodes.pop(event["kind"]).verdict, event["iteration"]))
    return [*past, *episodes.values()]


def _with_numbers(verdict: Verdict) -> Verdict:
    """Return it with NaN in place of JSON's null."""
    evidence = {name: float("nan") if value is None else value for name, value in verdict.evidence.items()}
    return Verdict.from_dict(verdict.as_dict() | {"evidence": evidence})


def _from_columns(checks: Log) -> list[Episode]:
    kinds: tuple[Kind, ...] = get_args(Kind)
    return [episode for kind in kinds if kind in checks.series for episode in _spans(kind, checks.series[kind])]


def _spans(kind: Kind, series: Series) -> list[Episode]:
    """Return one episode for each stretch of ones."""
    found: list[Episode] = []
    for iteration, value in series.items():
        stands = bool(found) and found[-1].end is None
        if value > 0 and not stands:
            found.append(Episode(_named_only(kind, iteration), None))
        elif value == 0 and stands:
            found[-1] = Episode(found[-1].verdict, iteration)
    return found


def _named_only(kind: Kind, iteration: int) -> Verdict:
    """Return a verdict of which only the kind was logged."""
    name = kind.replace("_", " ")
    return Verdict(
        kind,
        "warning",
        iteration,
        iteration,
        {},
        f"the run's own monitor said {name}; the log does not hold what it saw",
        "see health.jsonl of the run, if it is still there",
    )
