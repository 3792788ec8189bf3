"""A monitor's findings as people read them."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from gan_lightning.health.cases import Episode
from gan_lightning.health.remedies.action import Action
from gan_lightning.health.verdict import Verdict

WIDTH = 88
LABEL = 12
"""Columns of what stands before the text."""
TIED = "\0"
"""A space at which no line ends."""


def number(value: float) -> str:
    """Return a number in few digits.

    Example:
        >>> number(0.123456), number(3.0), number(12345.6), number(1e9), number(float("nan"))
        ('0.123', '3', '12,346', '1e+09', 'nan')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"


def status(verdicts: Sequence[Verdict], checks: int) -> str:
    """Return the state of health in a few words.

    Args:
        verdicts: that are open.
        checks: made so far.

    Example:
        >>> status((), 0), status((), 1)
        ('calibrating', 'ok')
    """
    if not verdicts:
        return "ok" if checks else "calibrating"
    worst = min(verdicts, key=lambda verdict: (verdict.severity != "failure", verdict.onset))
    others = f" (and {len(verdicts) - 1} more)" if len(verdicts) > 1 else ""
    return f"{worst.title} since {worst.onset:,}{others}"


def block(verdict: Verdict) -> str:
    """Return a new verdict in full.

    Example:
        >>> tv = {"bins/tv": 0.62}
        >>> advice = ("switch R1 and R2 on", "restart")
        >>> print(block(Verdict("mode_collapse", "failure", 3200, 3400, tv, "it lost half", "too rare real", advice)))
        ---- health: mode collapse since iteration 3,200 ---------------------------- failure ----
          seen      it lost half
          numbers   bins/tv 0.62   (at iteration 3,400)
          cause     too rare real
          try       1. switch R1 and R2 on
                    2. restart
        ------------------------------------------------------------------------------------------
    """
    head = f"---- health: {verdict.title} since iteration {verdict.onset:,} "
    tail = f" {verdict.severity} ----"
    measured = "   ".join(f"{name}{TIED}{number(value)}" for name, value in verdict.evidence.items())
    numbers = f"{measured}   (at iteration {verdict.iteration:,})".strip()
    lines = [head + "-" * (WIDTH + 2 - len(head) - len(tail)) + tail]
    lines += _labelled("seen", verdict.reason) + _labelled("numbers", numbers) + _labelled("cause", verdict.cause)
    for position, what in enumerate(verdict.advice, start=1):
        lines += _labelled("try" if position == 1 else "", f"{position}. {what}", hang=3)
    return "\n".join([*lines, "-" * (WIDTH + 2)])


def over(verdict: Verdict, iteration: int) -> str:
    """Return that a verdict no longer holds."""
    return f"health: {verdict.title} is over, it lasted from iteration {verdict.onset:,} to {iteration:,}"


def treated(action: Action) -> str:
    """Return what a ladder did."""
    return f"health: {action.iteration:,}: {action}"


def summary(
    episodes: Sequence[Episode], iteration: int, checks: int, every: int, shares: Mapping[str, float] | None = None
) -> str:
    """Return how a run went.

    Args:
        episodes: all verdicts there were.
        iteration: that it ended at.
        checks: that were made.
        every: iterations between two checks.
        shares: of the iterations in which each remedy was active.

    Example:
        >>> summary([], 1000, 10, 100)
        'health: ok, nothing was found in 10 checks over 1,000 iterations'
    """
    if not checks:
        return f"health: unknown, the run ended at iteration {iteration:,} before the first check (every={every})"
    seen = f"{checks:,} check{'s' * (checks > 1)} over {iteration:,} iterations"
    if not episodes:
        return f"health: ok, nothing was found in {seen}"
    still = sum(episode.end is None for episode in episodes)
    count = f"{len(episodes)} verdict{'s' * (len(episodes) > 1)}"
    head = f"health: {count} in {seen}, {still or 'none'} open at the end"
    active = [f"  {name} was active in {share:.0%} of the iterations" for name, share in (shares or {}).items()]
    return "\n".join([head, *(_episode(each) for each in episodes), *active])


def _episode(episode: Episode) -> str:
    verdict, end = episode
    until = "open" if end is None else f"{end:,}"
    return f"  {verdict.severity:<9}{verdict.title:<28}{verdict.onset:>11,} .. {until}"


def _labelled(label: str, text: str, hang: int = 0) -> list[str]:
    first = f"  {label}".ljust(LABEL)
    lines = wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * (LABEL + hang), break_on_hyphens=False)
    return [line.replace(TIED, " ") for line in lines]
