"""``results/mixtures.json`` from the finished runs, and the tables of ``README.md`` from that file alone.

python experiments/mixtures/mixtures_table.py
"""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from mixture_rows import CHOOSING, HERE, MIXTURES, PUBLISHED, RECIPES, ROWS, RUNS, SEEDS, TARGETS, TRIED, Mixture
from readme_tables import between_markers, table

from gan_lightning.data import GaussianMixture
from gan_lightning.metrics import ModeCoverage

RESULTS = HERE / "results" / "mixtures.json"
KEPT = (10_000, 50_000)
"""Iterations whose figures are published; the last is the end."""
TABLES: tuple[tuple[Mixture, int], ...] = (("ring", 50_000), ("grid", 50_000), ("ring", 10_000))
HEADER = (
    "recipe",
    "beyond the protocol",
    "modes",
    "all modes",
    "valid",
    "TV",
    "of it uneven",
    "TV, seed by seed",
    "published: modes, all modes, valid, TV",
    "target",
)
CANDIDATES = ("mixture", "recipe", "beyond the protocol", "seed", "modes", "valid", "TV")

Runs = list[dict[str, Any]]
Figures = list[dict[str, float]]
"""Of the finished runs of a row, seed by seed."""


def write_results() -> None:
    """Add what has been finished to the results, and write the tables."""
    known = {(run["row"], run["seed"]): run for run in load()}
    known |= {(run["row"], run["seed"]): run for run in map(_shortened, RUNS.glob("*.json"))}
    wanted = [(name, seed) for name in ROWS for seed in (*SEEDS, *CHOOSING)]
    lines = [json.dumps(known[key]) for key in wanted if key in known]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    for name, text in tables_of(load()).items():
        between_markers(name, text, HERE / "README.md")


def tables_of(runs: Runs) -> dict[str, str]:
    """Return the README's tables by their markers."""
    named = {f"{mixture} {iteration}": lines_of(runs, mixture, iteration) for mixture, iteration in TABLES}
    by_marker = {name: table(HEADER, lines) for name, lines in named.items()}
    return by_marker | {"candidates": table(CANDIDATES, candidates(runs))}


def load() -> Runs:
    """Return all results, none if there are none yet."""
    found: Runs = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    return found


def lines_of(runs: Runs, mixture: Mixture, iteration: int) -> list[list[str]]:
    """Return the lines of a table: the recipes in their order, the best published one, and perfect samples."""
    lines = []
    for recipe, (title, beyond) in RECIPES.items():
        own = [run for run in runs if run["row"] == f"{mixture}_{recipe}" and run["seed"] in SEEDS]
        figures = [run["at"][str(iteration)] for run in own]
        if figures:
            published = ", ".join(_published(mixture, recipe, iteration))
            target = verdict(mixture, figures) if iteration == KEPT[-1] else ""
            lines.append([title, beyond, *_spreads(mixture, figures), published, target])
    modes, complete, valid, tv = _published(mixture, "paired", iteration)
    best = ["paired discriminator, as published", "ANOTHER DISCRIMINATOR", modes, complete, valid, tv, *[""] * 4]
    return [*lines, best, _perfect(mixture)]


def candidates(runs: Runs) -> list[list[str]]:
    """Return a line for each run on the seeds for choosing."""
    titles = RECIPES | TRIED
    lines = []
    for run in runs:
        if run["seed"] in CHOOSING:
            mixture, _, recipe = run["row"].partition("_")
            last = run["at"][str(KEPT[-1])]
            figures = f"{last['modes']:.0f}", f"{last['valid']:.1%}", f"{last['tv']:.3f}"
            lines.append([mixture, *titles[recipe], str(run["seed"]), *figures])
    return lines


def verdict(mixture: Mixture, figures: Figures) -> str:
    """Tell whether all seeds have all modes and the mean figures are as good as was asked for."""
    if len(figures) < len(SEEDS):
        return f"{len(figures)} of {len(SEEDS)} seeds"
    tv, valid = (mean(each[name] for each in figures) for name in ("tv", "valid"))
    complete = all(each["modes"] == MIXTURES[mixture] for each in figures)
    return "met" if complete and tv <= TARGETS[mixture].tv and valid >= TARGETS[mixture].valid else "missed"


def _shortened(file: Path) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(file.read_text())
    for name in ("seen", "seen_raw"):
        seen = {figures.pop("iteration"): figures for figures in run.pop(name)}
        run[name.replace("seen", "at")] = {str(iteration): seen[iteration] for iteration in KEPT if iteration in seen}
    if run["at"] == run["at_raw"]:
        del run["at_raw"]
    return run


def _published(mixture: Mixture, recipe: str, iteration: int) -> Sequence[str]:
    return PUBLISHED.get((mixture, recipe, iteration), ())


def _spreads(mixture: Mixture, figures: Figures) -> list[str]:
    found = {name: [each[name] for each in figures] for name in ("modes", "valid", "tv")}
    complete = sum(modes == MIXTURES[mixture] for modes in found["modes"])
    return [
        _spread(found["modes"], ".1f"),
        f"{complete}/{len(figures)}",
        _spread(found["valid"], ".1%"),
        _spread(found["tv"], ".3f"),
        f"{mean(each['tv'] - 1 + each['valid'] for each in figures):.3f}",
        ", ".join(f"{value:.3f}" for value in found["tv"]),
    ]


def _spread(values: Sequence[float], form: str) -> str:
    around = f" +- {stdev(values):{form}}" if len(values) > 1 else ""
    return f"{mean(values):{form}}{around}"


def _perfect(mixture: Mixture) -> list[str]:
    """Return what 10,000 samples of the mixture itself have on average."""
    data = GaussianMixture(mixture, MIXTURES[mixture], sigma=0.1, num_samples=10_000)
    data.setup()
    coverage = ModeCoverage(data.centers, data.sigma)
    coverage.update(data.load()[0])
    found = coverage.compute()
    valid, tv = float(found["valid_perfect"]), float(found["tv_perfect"])
    cells = [f"{MIXTURES[mixture]}", "", f"{valid:.1%}", f"{tv:.3f}", f"{tv - 1 + valid:.3f}"]
    return ["perfect samples", "", *cells, *[""] * 3]


if __name__ == "__main__":
    write_results()
