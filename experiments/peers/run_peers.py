"""Let the peers and this package train the same GAN in turns, and plant faults.

    python experiments/peers/environments.py                                        # once
    python experiments/peers/run_peers.py [--only race-grid-0 ...] [--iterations N]

A race: all contestants, on the same points with the same first weights, take turns of a few batches, in an order drawn
anew each time; a round is an epoch, so that each has one of what it does per epoch in it, and the first is dropped.
What counts is the process's CPU time on one thread. At the end each hands over samples, whose modes are counted.

A fault: each trains alone to its end; what it prints is compared with what it prints without a fault ("none").

What is finished is not run again.
"""

import argparse
import json
import random
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from peers_lineup import FAULTED, PEERS
from peers_table import RUNS, write_results
from referee import BATCHES, LR, Contestant, mixture, started
from torch import Tensor

from gan_lightning.data import GaussianMixture
from gan_lightning.metrics import ModeCoverage

ITERATIONS = 5_000
TURN = 100
SEED = 0
"""Of the faults."""
SAMPLES = 10_000
SPARE = 100
"""Batches more than are left, so that whoever looks at a few before it begins comes to its end too."""
FAULTS: dict[str, dict[str, Any]] = {"none": {}, "collapse": {"lr": 20 * LR}, "nan": {"nan_at": 2_000}}
TWINS = ("lightning", "torchgan", "mimicry")
"""Who draws the same random numbers in the same order, and so has the same weights."""
CHECKED = 50

Figures = dict[str, Any]


def race(layout: str, seed: int, iterations: int) -> Figures:
    """Let all take turns, and count modes at the end."""
    random.seed(seed)
    data = mixture(layout, seed)
    spent: dict[str, list[float]] = {name: [] for name in PEERS}
    with started(list(PEERS), data, seed, epochs=iterations // BATCHES) as contestants:
        check_twins(contestants)
        for number in range(iterations // BATCHES):
            for name, seconds in _round(contestants, BATCHES - CHECKED * (number == 0)).items():
                spent[name].append(round(1000 * seconds / BATCHES, 4))
        for contestant in contestants.values():
            contestant.advance(SPARE)
        modes = {name: modes_of(each, data) for name, each in contestants.items()}
    return {"iterations": iterations, "ms": {name: ms[1:] for name, ms in spent.items()}, "modes": modes}


def check_twins(contestants: dict[str, Contestant]) -> None:
    """Assert that those who draw the same random numbers have made the same of their weights after some batches.

    Raises:
        AssertionError: if they have not.
    """
    drawn = {}
    for name, contestant in contestants.items():
        contestant.advance(CHECKED)
        drawn[name] = contestant.samples(SAMPLES, seed=0)
    first, *others = TWINS
    for other in others:
        worst = float((drawn[first] - drawn[other]).abs().max())
        assert worst < 1e-4, f"{first} and {other} differ by up to {worst:.1e} after {CHECKED} batches"


def fault(name: str, peer: str, iterations: int) -> Figures:
    """Train a peer to its end with a fault, or with none, alone."""
    data = mixture("grid", SEED)
    with started([peer], data, SEED, epochs=iterations // BATCHES, **FAULTS[name]) as contestants:
        contestant = contestants[peer]
        contestant.advance(iterations + SPARE)
        modes = modes_of(contestant, data)
        return {"iterations": iterations, "over": contestant.over, "modes": modes, "said": contestant.said()}


def modes_of(contestant: Contestant, data: GaussianMixture) -> dict[str, float]:
    """Return what of the mixture's modes the generator has found."""
    samples: Tensor = contestant.samples(SAMPLES, seed=1)
    coverage = ModeCoverage(data.centers, data.sigma)
    coverage.update(samples)
    counted = {name: round(float(value), 4) for name, value in coverage.compute().items()}
    finite = round(float(samples.isfinite().float().mean()), 4)
    return {name: counted[name] for name in ("modes", "valid", "tv")} | {"finite": finite}


def _round(contestants: dict[str, Contestant], batches: int) -> dict[str, float]:
    spent = dict.fromkeys(contestants, 0.0)
    for begin in range(0, batches, TURN):
        for name in random.sample(list(contestants), len(contestants)):
            spent[name] += contestants[name].advance(min(TURN, batches - begin))
    return spent


PLANNED: dict[str, tuple[Callable[..., Figures], tuple[Any, ...]]] = {
    **{f"race-{layout}-{seed}": (race, (layout, seed)) for seed in range(3) for layout in ("grid", "ring")},
    **{f"fault-{name}-{peer}": (fault, (name, peer)) for name in FAULTS for peer in FAULTED},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PLANNED, default=list(PLANNED), metavar="RUN")
    parser.add_argument("--iterations", type=int, default=ITERATIONS, help="of every run, in epochs of 500")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    RUNS.mkdir(parents=True, exist_ok=True)
    for name in arguments.only:
        file = RUNS / f"{name}.json"
        if not file.exists():
            produce, subject = PLANNED[name]
            figures = produce(*subject, arguments.iterations)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"run": name, "torch": version("torch"), **figures}))
            part.rename(file)
            print(name, flush=True)
            write_results()
    write_results()


if __name__ == "__main__":
    main()
