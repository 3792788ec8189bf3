"""Train runs that are not there yet, one after the other, and keep their figures and windows in ``results/runs``.

python experiments/health/produce.py --half design [--limit 8] [--share 0/2] [--data FOLDER]
python experiments/health/produce.py --recipe plain.ring8-ns-mlp-own --seed 0
"""

import argparse
import json
from pathlib import Path
from traceback import format_exc

from one_run import train
from plan import HALVES, Half, named, runs_of
from recipes import Run
from sources import MissingDataError, folder_is, load

RUNS = Path(__file__).parent / "results" / "runs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="design")
    parser.add_argument("--recipe", nargs="+", help="these recipes only")
    parser.add_argument("--seed", type=int, nargs="+", help="these seeds only, of --recipe")
    parser.add_argument("--limit", type=int, help="at most so many runs")
    parser.add_argument("--share", default="0/1", help="k/n: each n-th missing run from the k-th on, for n processes")
    parser.add_argument("--data", help="folder with mnist/MNIST/raw; GAN_LIGHTNING_DATA by default")
    arguments = parser.parse_args()
    folder_is(arguments.data)
    runs = runs_of(arguments.half)
    if arguments.recipe:
        wanted = named(arguments.recipe)
        seeds = arguments.seed or sorted({run.seed for run in runs})
        runs = [Run(recipe, seed) for seed in seeds for recipe in wanted]
    first, step = map(int, arguments.share.split("/"))
    left = arguments.limit or len(runs)
    for run in missing(arguments.half, runs[first::step]):
        if not left:
            break
        try:
            print(run.name, produce(arguments.half, run), flush=True)
            left -= 1
        except Exception:  # a run that breaks is shown, stays missing, and does not keep the others from running
            print(run.name, "broke:", format_exc(limit=-3), flush=True)


def missing(half: Half, runs: list[Run]) -> list[Run]:
    """Return the runs that are not there yet, and whose data are."""
    return [run for run in runs if not file_of(half, run).exists() and why_not(run) is None]


def why_not(run: Run) -> str | None:
    """Say why a run cannot be trained here; None if it can."""
    try:
        load(run.recipe.setting.data)
    except MissingDataError as error:
        return str(error)
    return None


def produce(half: Half, run: Run) -> str:
    """Train a run, write its files and say how it went, a sign per look of the oracle."""
    figures, keeper = train(run)
    file = file_of(half, run)
    file.parent.mkdir(parents=True, exist_ok=True)
    keeper.save(file.with_suffix(".pt"))
    part = file.with_suffix(".part")  # the file that says it is done comes last, and whole
    part.write_text(json.dumps(figures))
    part.rename(file)
    grades = "".join({"good": "+", "grey": ".", "bad": "-"}[seen["grade"]] for seen in figures["oracle"])
    return f"{figures['seconds']} s {grades}"


def file_of(half: Half, run: Run) -> Path:
    """Return where a run's figures are kept; its windows are beside it, as ``.pt``."""
    return RUNS / half / f"{run.name}.json"


if __name__ == "__main__":
    main()
