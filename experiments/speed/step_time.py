"""How long is one GAN step, an update of D and one of G? ``gan_lightning`` against raw loops and Lightning's idioms.

All contestants (``lineup``) have the same networks, first weights, losses, data and Adam settings. Before anything is
timed, 20 steps from one seed on one order of small batches must end in bit-identical float32 weights and buffers, the
running means of batch norm included: ours = best, and naive = official = frozen. The two groups draw other latents (one
z per step, or one per player), so they cannot be compared with each other.

Method: the contestants take turns of a few steps, each time in an order drawn anew; some turns make a round, and the
first round is dropped. What counts is the process's CPU time on one thread: it leaves out the time that other processes
take on a shared machine. A ratio is the median over the rounds of the ratio within a round, so that drifts of the
machine cancel. In the full run a round of ``ring_mlp`` is as long as the interval of our pictures and checkpoints, so
that each round has one of each. The quick run's median leaves them out; so does ``dcgan32``, where they cost nothing.

    python experiments/speed/step_time.py [--quick] [--json FILE]
"""

import argparse
import json
import logging
import os
import platform
import random
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple

import lightning
import torch
from contestant import Contestant
from lightning_loops import EVERY
from lineup import check_twins, lineup
from workloads import WORKLOADS, Workload

Times = dict[str, list[float]]
"""Milliseconds per step of each contestant, round by round."""


class Plan(NamedTuple):
    """How much is measured: rounds, turns of each contestant per round, and steps per turn."""

    rounds: int
    turns: int
    steps: int


FULL = {"ring_mlp": Plan(7, 8, EVERY // 8), "dcgan32": Plan(10, 3, 2)}
QUICK = {"ring_mlp": Plan(5, 2, 60), "dcgan32": Plan(4, 1, 2)}
RATIOS = (("ours", "frozen"), ("ours", "best"), ("ours", "best_two_passes"), ("naive", "ours"), ("official", "ours"))


def measure(contestants: dict[str, Contestant], plan: Plan) -> Times:
    """Let the contestants take turns."""
    times: Times = {name: [] for name in contestants}
    for _ in range(1 + plan.rounds):
        spent = dict.fromkeys(contestants, 0.0)
        for name in (name for _ in range(plan.turns) for name in random.sample(list(contestants), len(contestants))):
            before = process_time()
            contestants[name].advance(plan.steps)
            spent[name] += process_time() - before
        for name, seconds in spent.items():
            times[name].append(1000 * seconds / (plan.turns * plan.steps))
    return {name: rounds[1:] for name, rounds in times.items()}


def run(make: Callable[[], Workload], plan: Plan) -> Times:
    """Check and measure one workload. What Lightning prints is drawn as always, and thrown away."""
    random.seed(0)
    torch.manual_seed(0)
    workload = make()
    with TemporaryDirectory() as folder, open(os.devnull, "w") as void, redirect_stdout(void), redirect_stderr(void):
        check_twins(workload, Path(folder))
        with lineup(workload, Path(folder)) as contestants:
            return measure(contestants, plan)


def ratios(times: Times, above: str, below: str) -> list[float]:
    """Return the ratio of two contestants' times, round by round."""
    return [a / b for a, b in zip(times[above], times[below], strict=True)]


def summary(times: Times) -> dict[str, float]:
    """Return all medians under the names of the JSON file."""
    shown = {f"{name}_ms": median(rounds) for name, rounds in times.items()}
    for above, below in RATIOS:
        if {above, below} <= times.keys():
            shown[f"{above}_over_{below}"] = median(ratios(times, above, below))
    return {name: round(value, 4) for name, value in shown.items()}


def print_table(workload: str, times: Times) -> None:
    """Print the time per step, and how it compares: median and quartiles over the rounds."""
    print(f"{workload:<16} {'ms/step':>8}   {'x frozen':^20}   {'x best':^20}")
    for name in sorted(times, key=lambda name: median(times[name])):
        compared = (_spread(ratios(times, name, unit)) for unit in ("frozen", "best"))
        print(f"  {name:<14} {median(times[name]):8.3f}   {'   '.join(compared)}")
    print()


def print_ratio(workload: str, name: str, values: list[float]) -> None:
    """Print how one contestant compares: median and quartiles over the rounds."""
    print(f"{workload:<16} {name:<10} x {_spread(values)}")


def environment() -> dict[str, str]:
    """Return what the figures depend on."""
    return {
        "torch": torch.__version__,
        "lightning": lightning.__version__,
        "python": platform.python_version(),
        "cpu": _cpu(),
        "date": date.today().isoformat(),
    }


def _spread(values: list[float]) -> str:
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return f"{middle:.2f} ({low:.2f} .. {high:.2f})"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: half a minute instead of five")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    figures: dict[str, Mapping[str, float | str]] = {}
    for name, plan in (QUICK if arguments.quick else FULL).items():
        times = run(WORKLOADS[name], plan)
        print_table(name, times)
        figures[name] = summary(times)
    figures["environment"] = environment()
    print(", ".join(f"{key} {value}" for key, value in figures["environment"].items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
