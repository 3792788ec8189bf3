"""Does the ladder bring failing runs back, and leave healthy ones alone? Against three controls, at equal iterations.

python experiments/health/rescue.py [--arm alone ladder] [--workers 2] [--limit 20] [--data FOLDER]

- alone: nothing is done. Only runs that the oracle says have failed at the end are counted in the other arms.
- ladder: ``HealthMonitor(remedies="ladder")``.
- static: R1 + R2 from the start, with the strength that the remedy would have, and all else as wrong as it is.
- random: the ladder's first rung at an iteration drawn from the seed, whatever the run is like.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import torch
from building import data_of, module_of
from one_run import Horizon, Oracle, fit
from produce import RUNS, why_not
from recipes import Run
from rescue_plan import ARMS, HORIZON, Arm, condition_of, failing_runs, healthy_runs, monitor_of
from rescue_table import fails, write_table
from sources import folder_is
from truth import Looks

Key = tuple[Arm, Run]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arm", nargs="+", choices=ARMS, default=ARMS)
    parser.add_argument("--only", help="runs whose name contains this")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int, help="train at most so many of the missing runs")
    parser.add_argument("--data", help="folder with mnist/MNIST/raw; GAN_LIGHTNING_DATA by default")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder_is(arguments.data)
    left = arguments.limit
    for stage in (planned_alone, planned_treated):  # the second asks which of the first have failed
        wanted = [(arm, run) for arm, run in stage() if arm in arguments.arm and (arguments.only or "") in run.name]
        missing = [key for key in wanted if not file_of(*key).exists() and why_not(key[1]) is None][:left]
        train(missing, arguments.workers)
        left = None if left is None else left - len(missing)
    write_table({key: read(*key) for key in (*planned_alone(), *planned_treated()) if file_of(*key).exists()})


def planned_alone() -> list[Key]:
    """Return all runs, left alone."""
    return [("alone", run) for run in failing_runs() + healthy_runs()]


def planned_treated() -> list[Key]:
    """Return those that failed when left alone in the other arms, and the healthy ones under the ladder."""
    failed = [run for run in failing_runs() if file_of("alone", run).exists() and fails(run, read("alone", run))]
    treated: list[Key] = [(arm, run) for run in failed for arm in ARMS if arm != "alone"]
    return treated + [("ladder", run) for run in healthy_runs()]


def train(keys: list[Key], workers: int) -> None:
    """Train runs in several processes, and say how each went, a sign for each 400 iterations."""
    with ProcessPoolExecutor(workers) as pool:
        begun = {pool.submit(rescue, *key): key for key in keys}
        for number, done in enumerate(as_completed(begun), 1):
            arm, run = begun[done]
            print(f"{number}/{len(keys)} {arm} {run.name} {done.result()}", flush=True)


def rescue(arm: Arm, run: Run) -> str:
    """Train a run in an arm and keep what the oracle saw."""
    condition, setting = condition_of(run, arm), run.recipe.setting
    oracle = Oracle(setting.data, condition.scale)
    torch.manual_seed(run.seed)
    callbacks = [*condition.events(HORIZON), *monitor_of(run, arm), oracle, Horizon(HORIZON)]
    fit(module_of(condition, setting), data_of(condition, setting, run.seed), callbacks, **condition.trainer)
    file = file_of(arm, run)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(oracle.seen))
    part.rename(file)
    return "".join({"good": "+", "grey": ".", "bad": "-"}[seen["grade"]] for seen in oracle.seen[::4])


def file_of(arm: Arm, run: Run) -> Path:
    """Return where a run's looks are kept."""
    return RUNS / "rescue" / arm / f"{run.name}.json"


def read(arm: Arm, run: Run) -> Looks:
    """Return the oracle's looks at a finished run."""
    looks: Looks = json.loads(file_of(arm, run).read_text())
    return looks


if __name__ == "__main__":
    main()
