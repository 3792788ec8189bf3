"""The tables of ``README.md``, and how sure they are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from conditions import CONDITIONS
from outcome import Outcome
from plan import Half
from scipy.stats import binomtest  # type: ignore[import-untyped]

README = Path(__file__).parent / "README.md"
FOUND = ("failure", "named as", "failed runs", "right kind", "any kind", "right kind or a warning of it", "delay")
WELL = ("family", "healthy runs", "with a false alarm", "with a warning")


def write_tables(half: Half, outcomes: list[Outcome], planned: int, skipped: set[str]) -> None:
    """Write what the outcomes say into the README."""
    failed = [each for each in outcomes if each.word == "failed"]
    healthy = [each for each in outcomes if each.word == "healthy"]
    grey = [each for each in outcomes if each.word == "grey"]
    parts = [
        f"{len(outcomes)} of {planned} runs: {len(healthy)} healthy, {len(failed)} failed, {len(grey)} grey.",
        *(f"Left out: {reason}." for reason in sorted(skipped)),
        table(FOUND, [*_by(failed, _condition, _found_row), _found_row("all", failed)]),
        table(FOUND, _by(failed, lambda outcome: outcome.family, _found_row)),
        table(WELL, [*_by(healthy, lambda outcome: outcome.family, _well_row), _well_row("all", healthy)]),
        f"Counting alarms as false even where the oracle agrees: {_strictly(healthy)}.",
        _listed("False alarms", [each for each in healthy if each.false_alarms]),
        _listed("Alarms about failures that mended themselves", [each for each in healthy if each.confirmed]),
        _listed("Alarms before the fault", [each for each in failed if each.premature]),
        _listed("Missed", [each for each in failed if not each.found]),
        _listed("Found under another kind", [each for each in failed if each.found and not each.right]),
        _listed("Grey", grey),
    ]
    between_markers(half, "\n\n".join(part for part in parts if part))


def share(part: int, whole: int) -> str:
    """Return a share with its exact 95 % limits (Clopper, Pearson 1934)."""
    if not whole:
        return "-"
    limits = binomtest(part, whole).proportion_ci(method="exact")
    return f"{part}/{whole} = {part / whole:.0%} [{limits.low:.1%}, {limits.high:.1%}]"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _condition(outcome: Outcome) -> str:
    return outcome.condition


Row = Callable[[str, list[Outcome]], list[str]]


def _by(outcomes: list[Outcome], key: Callable[[Outcome], str], row: Row) -> list[list[str]]:
    groups = dict.fromkeys(key(outcome) for outcome in outcomes)
    return [row(group, [each for each in outcomes if key(each) == group]) for group in groups]


def _found_row(name: str, outcomes: list[Outcome]) -> list[str]:
    right = [each for each in outcomes if each.right]
    condition = CONDITIONS.get(name)
    return [
        condition.title if condition else name,
        ", ".join(kind.replace("_", " ") for kind in condition.expected) if condition else "",
        str(len(outcomes)),
        share(len(right), len(outcomes)),
        share(sum(bool(each.found) for each in outcomes), len(outcomes)),
        share(sum(bool(each.named) for each in outcomes), len(outcomes)),
        f"{median(each.delay for each in right):.0f}" if right else "-",
    ]


def _well_row(name: str, outcomes: list[Outcome]) -> list[str]:
    alarmed, spoken = (sum(bool(told) for told in each) for each in zip(*map(_told, outcomes), strict=True))
    return [name, str(len(outcomes)), share(alarmed, len(outcomes)), share(spoken, len(outcomes))]


def _told(outcome: Outcome) -> tuple[int, int]:
    return len(outcome.false_alarms), len(outcome.cases) - len(outcome.alarms)


def _strictly(healthy: list[Outcome]) -> str:
    return share(sum(bool(each.alarms) for each in healthy), len(healthy))


def _listed(title: str, outcomes: list[Outcome]) -> str:
    """Return the runs with their verdicts, since when, and what the oracle saw last."""
    if not outcomes:
        return ""
    lines = []
    for outcome in outcomes:
        alarms = ", ".join(f"{case.kind} at {case.begin} to {case.end or 'the end'}" for case in outcome.alarms)
        seen = ", ".join(f"{name} {value}" for name, value in outcome.last.items())
        onset = "" if outcome.onset is None else f" since {outcome.onset}"
        lines.append(f"- `{outcome.run}` {outcome.word}{onset} ({seen}): {alarms or 'silent'}")
    return "\n".join([f"{title}:", "", *lines])


def between_markers(name: str, text: str) -> None:
    """Put the text between ``<!-- name -->`` and ``<!-- /name -->`` of the README."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = README.read_text().partition(begin)
    _, _, after = rest.partition(end)
    README.write_text(f"{before}{begin}{text}\n{end}{after}")
