"""What does a callback cost? One GAN without it and with it, on the clock of a step.

Method: each launch is a process of its own, in which the contestants are started in an order drawn anew, for where
their memory lies costs them a few percent. After the first 100 iterations they must have bit-identical weights. Then
they take turns in an order drawn anew; some turns make a round, and the first round is dropped. What counts is the
process's CPU time on one thread. The ratio is the median over the rounds of all launches of the ratio within a round.

``within`` compares no contestants' memory: of each, the mean time of an iteration over the median one, for the usual
100 iterations (the median run of them); and of that, with the callback over without.
"""

import argparse
import json
import logging
import os
import random
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time, thread_time
from typing import Any, NamedTuple

import torch
from contestant import Batches, Contestant
from lightning.pytorch.callbacks import Callback
from lightning_loops import ours
from step_time import Plan, Times, environment, measure, print_ratio, ratios
from workloads import WORKLOADS, Networks, Workload

from gan_lightning.data import TensorLoader

EVERY = 100
LAUNCHES, QUICK_LAUNCHES = {"ring_mlp": 7, "dcgan32": 2}, 3
Makers = dict[str, Callable[[], list[Callback]]]
"""The callbacks of each contestant: the first has none, and the last is the one in question."""


class Launch(NamedTuple):
    """What one process measured: the times, what the start took more in ms, and what is unusual in 100 iterations."""

    times: Times
    start: float
    unusual: dict[str, float]


class TimedBatches(Batches):
    """Notes when each batch is asked for, on the clock of the thread that trains."""

    def __iter__(self) -> Iterator[Any]:
        """Yield one epoch."""
        for batch in super().__iter__():
            self.asked.append(thread_time())
            yield batch

    def __init__(self, loader: Any, num_batches: int) -> None:
        super().__init__(loader, num_batches)
        self.asked: list[float] = []

    def unusual(self) -> float:
        """Return the mean time of an iteration over the median one, of the usual ``EVERY`` after the start."""
        spent = [after - before for before, after in pairwise(self.asked)]
        usual = [median(spent[place::EVERY][1:]) for place in range(EVERY)]
        return sum(usual) / len(usual) / median(usual)


def launched(workload: str, plan: Plan, makers: Makers, seed: int) -> Launch:
    """Measure in a process of its own."""
    context = get_context("fork")
    receives, sends = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sends.send(run(WORKLOADS[workload], plan, makers, seed)))
    process.start()
    sends.close()
    found: Launch = receives.recv()
    process.join()
    return found


def run(make: Callable[[], Workload], plan: Plan, makers: Makers, seed: int) -> Launch:
    """Start all contestants, let them take turns, and end them. What Lightning prints is thrown away."""
    torch.set_num_threads(1)
    random.seed(seed)
    torch.manual_seed(0)
    workload = make()
    alone, *_, last = makers
    with TemporaryDirectory() as folder, open(os.devnull, "w") as void, redirect_stdout(void), redirect_stderr(void):
        batches = {name: _batches(workload) for name in random.sample(list(makers), len(makers))}
        started = {name: _start(workload, each, makers[name](), Path(folder) / name) for name, each in batches.items()}
        try:
            spent = {name: _seconds(contestant) for name, contestant in started.items()}
            _assert_same(started[alone].networks, started[last].networks)
            times = measure(started, plan)
        finally:
            for contestant in started.values():
                contestant.stop()
    unusual = {name: each.unusual() for name, each in batches.items()}
    return Launch(times, 1000 * (spent[last] - spent[alone]), unusual)


def _batches(workload: Workload) -> TimedBatches:
    loader = TensorLoader(workload.data, batch_size=workload.batch_size, shuffle=False)
    return TimedBatches(loader, len(workload.data) // workload.batch_size)


def _start(workload: Workload, batches: Batches, callbacks: list[Callback], folder: Path) -> Contestant:
    networks = workload.networks()
    train = partial(ours, networks, workload.latent_dim, folder=folder, extra=callbacks)
    return Contestant(networks, batches, train, imports_lightning=True)


def _seconds(contestant: Contestant) -> float:
    torch.manual_seed(0)
    before = process_time()
    contestant.advance(EVERY)
    return process_time() - before


def _assert_same(networks: Networks, others: Networks) -> None:
    for network, other in zip(networks, others, strict=True):
        for key, value in network.state_dict().items():
            assert torch.equal(value, other.state_dict()[key]), f"the callback changed {key}"


def report(workload: str, makers: Makers, launches: list[Launch], target: float) -> dict[str, float]:
    """Print how all compare, and return the figures."""
    alone, *others = makers
    figures = {f"{alone}_ms": median(value for launch in launches for value in launch.times[alone])}
    for above in others:
        values = [ratio for launch in launches for ratio in ratios(launch.times, above, alone)]
        within = [launch.unusual[above] / launch.unusual[alone] for launch in launches]
        print_ratio(workload, above, values)
        print_ratio(workload, "  within", within)
        figures |= {f"{above}_over_{alone}": median(values), f"{above}_within": median(within)}
    figures["start_ms"] = median(launch.start for launch in launches)
    print(f"{workload:<16} start {figures['start_ms']:.0f} ms, target {target}, {len(launches)} launches\n")
    return {name: round(value, 4) for name, value in figures.items()}


def main(
    method: str | None, makers: Makers, full: dict[str, Plan], quick: dict[str, Plan], targets: dict[str, float]
) -> None:
    """Measure and print; ``method`` is the help."""
    parser = argparse.ArgumentParser(description=method, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ring_mlp only, fewer launches")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()

    logging.getLogger("lightning.pytorch").setLevel(logging.CRITICAL)
    figures: dict[str, dict[str, float] | dict[str, str]] = {}
    for name, plan in (quick if arguments.quick else full).items():
        seeds = range(QUICK_LAUNCHES if arguments.quick else LAUNCHES[name])
        launches = [launched(name, plan, makers, seed) for seed in seeds]
        figures[name] = report(name, makers, launches, targets[name])
    figures["environment"] = environment()
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
