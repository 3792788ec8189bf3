"""The table of the proof: train what is missing, judge all runs of a half by the default detectors, and count.

    python experiments/health/score.py --half held_out [--workers 2] [--limit 50] [--data FOLDER]

Writes ``results/<half>.json``, a line per run, and the tables in ``README.md``. Finished runs are not trained again;
their windows are measured and judged anew each time, so changed thresholds show at once.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import torch
from harmless import HARMLESS
from judged import judge
from kept_windows import measured
from outcome import Outcome, outcome_of
from plan import HALVES, Half, runs_of
from produce import file_of, missing, produce, why_not
from recipes import Run
from sources import folder_is
from tables import write_tables
from truth import Twins, word

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="design")
    parser.add_argument("--workers", type=int, default=2, help="processes that train")
    parser.add_argument("--limit", type=int, help="train at most so many of the missing runs")
    parser.add_argument("--data", help="folder with mnist/MNIST/raw; GAN_LIGHTNING_DATA by default")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder_is(arguments.data)
    _train(arguments.half, arguments.workers, arguments.limit)
    outcomes = score(arguments.half)
    lines = ",\n".join(json.dumps(outcome.as_dict()) for outcome in outcomes)
    (RESULTS / f"{arguments.half}.json").write_text(f"[\n{lines}\n]\n")
    skipped = {reason for run in runs_of(arguments.half) if (reason := why_not(run)) is not None}
    write_tables(arguments.half, outcomes, len(runs_of(arguments.half)), skipped)


def _train(half: Half, workers: int, limit: int | None) -> None:
    wanted = missing(half, runs_of(half))[:limit]
    with ProcessPoolExecutor(workers) as pool:
        begun = {pool.submit(produce, half, run): run for run in wanted}
        for number, done in enumerate(as_completed(begun), 1):
            print(f"{number}/{len(wanted)} {begun[done].name} {done.result()}", flush=True)


def score(half: Half) -> list[Outcome]:
    """Return the outcomes of the finished runs of a half."""
    runs = [run for run in runs_of(half) if file_of(half, run).exists()]
    looks = {run: read(half, run)["oracle"] for run in runs}
    healthy = [
        (run.recipe.setting, looks[run])
        for run in runs
        if run.recipe.condition in HARMLESS and word(run.recipe, looks[run]) == "healthy"
    ]
    twins = Twins(healthy)
    cases = {run: judge(measured(file_of(half, run).with_suffix(".pt"))) for run in runs}
    return [outcome_of(run, looks[run], cases[run], twins) for run in runs]


def read(half: Half, run: Run) -> dict[str, Any]:
    """Return the figures of a finished run."""
    kept: dict[str, Any] = json.loads(file_of(half, run).read_text())
    return kept


if __name__ == "__main__":
    main()
