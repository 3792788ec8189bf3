"""A diagnosis as people read it."""

from math import isfinite
from textwrap import wrap

from gan_lightning.health import words
from gan_lightning.health.diagnosis.chart import chart
from gan_lightning.health.diagnosis.diagnosis import Diagnosis
from gan_lightning.health.logs.log import Series

SHOWN = (
    "d/loss", "g/loss", "d/score", "g/score", "d/rank_accuracy", "bins/tv", "bins/missing", "d/gradient", "g/gradient",
)  # fmt: skip
"""Values that are drawn, where they were measured."""


def report(diagnosis: Diagnosis) -> str:
    """Return what was read, the verdicts in the order of their onset, what is not known, and the main values."""
    parts = [_read(diagnosis), _verdicts(diagnosis)]
    parts += [words.block(episode.verdict) + _end(episode.end) for episode in diagnosis.episodes]
    if diagnosis.remedies:
        parts.append("\n".join(["what the ladder did", *map(listed, diagnosis.remedies)]))
    charts = _charts(diagnosis)
    parts += [charts] if charts else []
    if diagnosis.unknown:
        parts.append("\n".join(["not known", *(listed(each) for each in diagnosis.unknown)]))
    if diagnosis.others:
        others = [f"  {folder}" for folder in diagnosis.others[:10]]
        more = [f"  and {len(diagnosis.others) - 10} more"] if len(diagnosis.others) > 10 else []
        parts.append("\n".join(["other runs, older, not read", *others, *more]))
    return "\n\n".join(parts)


def listed(text: str) -> str:
    """Return a text as an item of a list."""
    return "\n".join(wrap(text, words.WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False))


def _read(diagnosis: Diagnosis) -> str:
    log, checks = diagnosis.log, diagnosis.checks.iterations
    lines = [f"read      {log.path}"]
    if diagnosis.sources:
        used = "   ".join(f"{name} from {source}" for name, source in diagnosis.sources.items())
        lines += [f"names     {used}", "          no monitor watched this run; means of what was logged are judged"]
    span = f"{checks[0]:,} to {checks[-1]:,}" if checks else "none"
    return "\n".join([*lines, f"judged    {len(checks)} checks, {log.clock} {span}"])


def _verdicts(diagnosis: Diagnosis) -> str:
    if diagnosis.episodes:
        # every=1: the number of iterations between checks is not in all logs, and only matters where there were none.
        return words.summary(diagnosis.episodes, diagnosis.log.last, len(diagnosis.checks.iterations), 1)
    return "health: nothing was found" + (" in the losses" if diagnosis.sources else "")


def _end(end: int | None) -> str:
    return "" if end is None else f"\n  over since the check at iteration {end:,}"


def _charts(diagnosis: Diagnosis) -> str:
    series = diagnosis.checks.series
    return "\n".join(_row(name, series[name]) for name in SHOWN if series.get(name))


def _row(name: str, series: Series) -> str:
    values = list(series.values())
    known = [value for value in values if isfinite(value)]
    span = f"{words.number(min(known))} .. {words.number(max(known))}" if known else "never finite"
    return f"{name:<16}|{chart(values)}|  {span}, now {words.number(values[-1])}"
