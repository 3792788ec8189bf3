"""The tables of ``README.md``, from the files in ``results/``."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from methods import METHODS

HERE = Path(__file__).parent
RESULTS = HERE / "results"
Runs = list[dict[str, Any]]
"""The figures of a method, seed by seed."""


def write_tables() -> None:
    """Write what the finished runs say into the README."""
    finished = {name: runs for name in METHODS if len(runs := load(name)) > 1}
    between_markers("claims", table(HEADER, [_row(name, finished) for name in finished]))
    between_markers("seeds", table(SEED_HEADER, [_seed_row(name, runs) for name, runs in finished.items()]))


def load(name: str) -> Runs:
    """Return the figures of the finished runs of a method, by seed."""
    return [json.loads(file.read_text()) for file in sorted(RESULTS.glob(f"{name}-[0-9]*.json"))]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def between_markers(name: str, text: str, readme: Path = HERE / "README.md") -> None:
    """Put the text between ``<!-- name -->`` and ``<!-- /name -->`` of the README."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = readme.read_text().partition(begin)
    _, _, after = rest.partition(end)
    readme.write_text(f"{before}{begin}{text}\n{end}{after}")


def verdict(key: str, more_is_better: bool, runs: Runs, neutral: Runs) -> str:
    """Say in words whether a method is better than its neutral setting by one of the figures.

    It is, or is worse, where the intervals mean +- standard deviation over the seeds do not overlap.
    """
    own, other = ([run[key] for run in group] for group in (runs, neutral))
    if abs(mean(own) - mean(other)) <= stdev(own) + stdev(other):
        return "no difference"
    return "better" if (mean(own) > mean(other)) == more_is_better else "worse"


FIGURES = ("modes", "one sample", "valid", "TV", "reverse KL")
HEADER = ("technique", *FIGURES, "time", "against", "modes are", "TV is", "KL is")
SEED_HEADER = ("technique", "modes, seed by seed", "TV, seed by seed", "most modes at any evaluation")


def _row(name: str, finished: dict[str, Runs]) -> list[str]:
    runs, method = finished[name], METHODS[name]
    plain = finished.get("plain", runs)
    return [
        method.title,
        _spread(runs, "modes", "{:.1f}".format),
        _spread(runs, "modes_by_one_sample", "{:.1f}".format),
        _spread(runs, "valid", "{:.1%}".format),
        _spread(runs, "tv", "{:.3f}".format),
        _spread(runs, "reverse_kl", "{:.3f}".format),
        f"{_time(runs) / _time(plain):.2f}",
        *_compared(method.neutral, finished, runs),
    ]


def _compared(neutral: str | None, finished: dict[str, Runs], runs: Runs) -> Sequence[str]:
    if neutral not in finished:
        return [""] * 4
    other = finished[neutral]
    figures = (("modes", True), ("tv", False), ("reverse_kl", False))
    return METHODS[neutral].title, *(verdict(key, more_is_better, runs, other) for key, more_is_better in figures)


def _seed_row(name: str, runs: Runs) -> list[str]:
    best = (max(run["modes_by_evaluation"]) for run in runs)
    return [
        METHODS[name].title,
        ", ".join(str(run["modes"]) for run in runs),
        ", ".join(f"{run['tv']:.3f}" for run in runs),
        ", ".join(map(str, best)),
    ]


def _spread(runs: Runs, key: str, form: Callable[[float], str]) -> str:
    values = [run[key] for run in runs]
    return f"{form(mean(values))} +- {form(stdev(values))}"


def _time(runs: Runs) -> float:
    return min(float(run["ms_per_step"]) for run in runs)


if __name__ == "__main__":
    write_tables()
