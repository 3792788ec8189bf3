"""How a run went, in one plain sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gan_lightning.health.cases import Episode
from gan_lightning.report.record import Record

Status = Literal["healthy", "warning", "failing", "recovered", "unknown"]
BADGES: dict[Status, str] = {
    "healthy": "Healthy",
    "warning": "Warning",
    "failing": "Failing",
    "recovered": "Recovered",
    "unknown": "Not known",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """What is said first.

    Args:
        status: for the colour; its word in ``BADGES`` stands beside it.
        title: the sentence.
        detail: what it rests on.
    """

    status: Status
    title: str
    detail: str

    @property
    def badge(self) -> str:
        """The status in a word or two."""
        return BADGES[self.status]


def headline(record: Record) -> Headline:
    """Return the sentence on a run.

    Example:
        >>> from gan_lightning.health import Verdict
        >>> from gan_lightning.health.logs import Log
        >>> from pathlib import Path
        >>> log = Log(Path("metrics.csv"), "iteration", {"health/bins/tv": {100: 0.2, 4000: 0.1}})
        >>> headline(Record(Path("run"), Path("run"), log, "by events")).title
        'Healthy: no failure seen in 4,000 iterations'
        >>> found = Verdict("mode_collapse", "failure", 3200, 3400, {}, "it lost half", "too rare real")
        >>> headline(Record(Path("run"), Path("run"), log, "by events", (Episode(found, None),))).title
        'Mode collapse since iteration 3,200'
    """
    if record.watched == "by nobody":
        return _unwatched(record)
    detail = _detail(record)
    if not record.checks:
        ended = f"it has {record.last:,} iterations" if record.last else "nothing was logged"
        return Headline("unknown", f"Not known: the run was not checked even once, {ended}", detail)
    failures = [episode for episode in record.episodes if episode.verdict.severity == "failure"]
    warnings = [episode for episode in record.episodes if episode.verdict.severity == "warning"]
    still = [episode for episode in failures if episode.end is None]
    if still:
        return Headline("failing", _since(still), detail)
    if failures:
        return Headline("recovered", _over(failures), f"{_course(failures, record)}; {detail}")
    clean = f"no failure seen in {record.last:,} iterations"
    if any(episode.end is None for episode in warnings):
        return Headline("warning", f"{_since([each for each in warnings if each.end is None])}; {clean}", detail)
    passing = f", {_count(warnings, 'warning')} that passed" if warnings else ""
    return Headline("healthy", f"Healthy: {clean}{passing}", detail)


def _unwatched(record: Record) -> Headline:
    if not record.log.series:
        return Headline("unknown", "Not known: the run logged no numbers", "; ".join(record.notes))
    hint = f"Add HealthMonitor() to Trainer(callbacks=...), or see more by: gan-lightning diagnose {record.place}"
    if not record.episodes:
        title = f"Nobody watched these {record.last:,} iterations"
        return Headline("unknown", title, f"Losses alone tell little. {hint}")
    failing = any(episode.verdict.severity == "failure" and episode.end is None for episode in record.episodes)
    found = _since([each for each in record.episodes if each.end is None] or record.episodes)
    title = f"Nobody watched this run; its losses suggest: {found[0].lower()}{found[1:]}"
    return Headline("failing" if failing else "warning", title, hint)


def _since(episodes: Sequence[Episode]) -> str:
    ordered = sorted(episodes, key=lambda episode: episode.verdict.onset)
    first, *others = dict.fromkeys(episode.verdict.title for episode in ordered)
    also = f", with {_few(others)}" if others else ""
    return f"{first.capitalize()} since iteration {ordered[0].verdict.onset:,}{also}"


def _over(failures: Sequence[Episode]) -> str:
    kinds = list(dict.fromkeys(episode.verdict.title for episode in failures))
    return f"Recovered at iteration {max(episode.end or 0 for episode in failures):,} from {_few(kinds)}"


def _detail(record: Record) -> str:
    ends = {None: "no end of it was recorded: it was killed, or still goes on", "finished": "it finished"}
    ended = record.summary.get("ended")
    how = ends.get(ended, f"it ended with {ended}")
    parts = [f"{record.last:,} iterations", _count(range(record.checks), "check"), how]
    if record.watched == "by columns":
        parts = [*parts[:2], "judged again from what its monitor logged, for its health.jsonl is not here"]
    return "; ".join(parts)


def _count(items: Sequence[object], name: str) -> str:
    return f"{len(items):,} {name}{'s' * (len(items) != 1)}"


def _course(failures: Sequence[Episode], record: Record) -> str:
    used = list(dict.fromkeys(action.remedy for action in record.actions if action.doing == "applied"))
    begin = min(episode.verdict.onset for episode in failures)
    return f"failing from iteration {begin:,}" + (f", treated with {_listed(used)}" if used else "")


def _few(words: Sequence[str]) -> str:
    """Return two, and how many more there are."""
    return _listed(words if len(words) < 4 else [*words[:2], f"{len(words) - 2} more"])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
