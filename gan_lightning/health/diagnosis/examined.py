"""An examination as people read it."""

from math import isnan
from typing import Any

from gan_lightning.health import words
from gan_lightning.health.diagnosis.chart import chart
from gan_lightning.health.diagnosis.examine import Examination
from gan_lightning.health.diagnosis.mistakes import bounds
from gan_lightning.health.diagnosis.observed import Span, first_and_last
from gan_lightning.health.diagnosis.report import listed

KINDS = ("real", "fake", "between", "unknown")
NEXT = "train it with Trainer(callbacks=[HealthMonitor()]): most failures show after 1,000 iterations or more"


def examination_report(seen: Examination) -> str:
    """Return what was found, how it is trained, what is wrong with it, and what to do next."""
    parts = [_players(seen), _numbers(seen), words.summary(seen.episodes, seen.taken, seen.num_checks, seen.every)]
    parts += [words.block(episode.verdict) for episode in seen.episodes]
    if seen.mistakes:
        titles = [f"{'wrong' if mistake.certain else 'look'}: {mistake.text}" for mistake in seen.mistakes]
        parts.append("\n".join(["the set-up", *map(listed, titles)]))
    return "\n\n".join([*parts, "\n".join(["next", *map(listed, advice_after(seen))])])


def examined(seen: Examination) -> dict[str, Any]:
    """Return it in plain data."""
    observed = seen.observed
    return {
        "steps": seen.taken,
        "looked_at": observed.batches,
        "checks": seen.num_checks,
        "players": {role: player._asdict() for role, player in seen.players.items()},
        "calls": {kind: observed.calls[kind] for kind in KINDS},
        "real": _plain(observed.real),
        "fake": _plain(observed.fake),
        "d_loss": first_and_last(observed.d_losses),
        "g_loss": first_and_last(observed.g_losses),
        "signal": first_and_last(observed.signals),
        "mistakes": [mistake._asdict() for mistake in seen.mistakes],
        "verdicts": [episode.verdict.as_dict() | {"end": episode.end} for episode in seen.episodes],
        "failed": bool(seen.failures),
        "next": advice_after(seen),
    }


def advice_after(seen: Examination) -> list[str]:
    """Return what to do next."""
    found = []
    if any(mistake.certain for mistake in seen.mistakes):
        found.append("mend the set-up first")
    if not seen.num_checks:
        found.append(
            "more steps: there was no check of the generated samples yet, which needs 2,048 real samples to compare "
            "them with, and then as many batches as lie between two checks"
        )
    failures = [episode.verdict for episode in seen.episodes if episode.verdict.severity == "failure"]
    if failures and failures[0].advice:
        found.append(f"against {failures[0].title}: {failures[0].advice[0]}")
    return [*found, NEXT]


def _players(seen: Examination) -> str:
    lines = []
    for role, player in seen.players.items():
        lines.append(f"{role:<14}{', '.join(player.networks)}, {player.parameters:,} parameters trained")
        lines += [f"{'':<14}by {optimizer}" for optimizer in player.optimizers]
    return "\n".join(lines)


def _numbers(seen: Examination) -> str:
    observed = seen.observed
    calls = ", ".join(f"{observed.calls[kind]} {kind}" for kind in KINDS)
    rows = [
        ("looked at", f"{observed.batches} of {seen.taken} batches"),
        ("D judged", f"{calls} (batches of samples)"),
        ("real", _span(observed.real)),
        ("fake", _span(observed.fake)),
        ("d/loss", _course(observed.d_losses)),
        ("g/loss", _course(observed.g_losses)),
        ("reaches G", f"{_course(observed.signals)} (gradient at a generated sample)"),
    ]
    return "\n".join(f"{label:<14}{text}" for label, text in rows)


def _span(span: Span) -> str:
    if not span.shapes:
        return "never seen"
    shapes = " or ".join("x".join(map(str, shape)) or "scalar" for shape in sorted(span.shapes))
    return f"{shapes}, values in {bounds(span)}" + ("" if span.finite else ", and NaN or infinite ones")


def _course(values: list[float]) -> str:
    ends = first_and_last(values)
    if ends is None:
        return "never seen"
    known = [value for value in values if not isnan(value)]
    return f"{words.number(ends[0])} at first, {words.number(ends[1])} at last  |{chart(known)}|"


def _plain(span: Span) -> dict[str, Any]:
    return {"shapes": sorted(span.shapes), "low": span.low, "high": span.high, "finite": span.finite}
