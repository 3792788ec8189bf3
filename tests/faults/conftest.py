"""What the tests of faults have counted, at the end of a run."""

from collections import Counter
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the sums of what ``record_property`` was given: one line, as in ``kills: 56, lost checkpoints: 0``."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties if report.when == "call" else ():
            counts[name] += value
    if counts:
        terminalreporter.write_line(", ".join(f"{name}: {count}" for name, count in counts.items()))
