"""What does watching cost? The same GAN with and without ``HealthMonitor``, at its defaults, on the clock of a step.

Contestants, all with this package's spine, the bar, the CSV logger, checkpoints and pictures:

- ``alone``: without a monitor
- ``empty``: with a callback that does nothing, for Lightning calls all its hooks at each batch
- ``watched``: with ``HealthMonitor()``: all detectors, a check each 100 iterations

Method: after the first 100 iterations, in which the yardstick is fitted and scikit-learn is imported (printed as
``start``), they must have bit-identical weights. Then they take turns of 100 iterations, with one check each, in an
order drawn anew; some turns make a round, and the first round is dropped. What counts is the process's CPU time on one
thread. The ratio is the median over the rounds of the ratio within a round.

    python experiments/speed/monitor_cost.py [--quick] [--json FILE]
"""

import argparse
import json
import logging
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import torch
from contestant import Batches, Contestant
from lightning.pytorch.callbacks import Callback
from lightning_loops import ours
from step_time import Plan, Times, environment, measure, print_ratio, ratios
from workloads import WORKLOADS, Networks, Workload

from gan_lightning import HealthMonitor
from gan_lightning.data import TensorLoader

EVERY = 100
FULL = {"ring_mlp": Plan(10, 4, EVERY), "dcgan32": Plan(3, 1, EVERY)}
QUICK = {"ring_mlp": Plan(10, 4, EVERY)}
Makers = dict[str, Callable[[], list[Callback]]]
"""The callbacks of each contestant: the first has none, and the last is the one in question."""

CALLBACKS: Makers = {
    "alone": list,
    "empty": lambda: [Callback()],
    "watched": lambda: [HealthMonitor(every=EVERY)],
}
Targets = dict[str, float]
TARGETS: Targets = {"ring_mlp": 1.03, "dcgan32": 1.01}


@contextmanager
def contestants_of(workload: Workload, makers: Makers, folder: Path) -> Iterator[dict[str, Contestant]]:
    """Start all, pause each before its first step, and end them afterwards."""
    started = {name: _start(workload, make(), folder / name) for name, make in makers.items()}
    try:
        yield started
    finally:
        for contestant in started.values():
            contestant.stop()


def run(workload: Workload, plan: Plan, makers: Makers) -> tuple[Times, float]:
    """Return the times, and the milliseconds that the last contestant took more than the first at the start."""
    alone, *_, last = makers
    with (
        TemporaryDirectory() as folder,
        open(os.devnull, "w") as void,
        redirect_stdout(void),
        redirect_stderr(void),
        contestants_of(workload, makers, Path(folder)) as contestants,
    ):
        spent = {name: _seconds(contestant) for name, contestant in contestants.items()}
        _assert_same(contestants[alone].networks, contestants[last].networks)
        return measure(contestants, plan), 1000 * (spent[last] - spent[alone])


def _start(workload: Workload, callbacks: list[Callback], folder: Path) -> Contestant:
    loader = TensorLoader(workload.data, batch_size=workload.batch_size, shuffle=False)
    batches = Batches(loader, len(workload.data) // workload.batch_size)
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


def main(method: str | None, makers: Makers, full: dict[str, Plan], quick: dict[str, Plan], targets: Targets) -> None:
    """Measure and print; ``method`` is the help."""
    parser = argparse.ArgumentParser(description=method, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ring_mlp only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    logging.getLogger("lightning.pytorch").setLevel(logging.CRITICAL)
    figures: dict[str, dict[str, float] | dict[str, str]] = {}
    alone, *others = makers
    for name, plan in (quick if arguments.quick else full).items():
        random.seed(0)
        torch.manual_seed(0)
        times, start = run(WORKLOADS[name](), plan, makers)
        shown = {above: ratios(times, above, alone) for above in others}
        for above, values in shown.items():
            print_ratio(name, above, values)
        print(f"{name:<16} start {start:.0f} ms, target {targets[name]}\n")
        figures[name] = {
            f"{alone}_ms": round(median(times[alone]), 4),
            "start_ms": round(start, 1),
            **{f"{above}_over_{alone}": round(median(values), 4) for above, values in shown.items()},
        }
    figures["environment"] = environment()
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main(__doc__, CALLBACKS, FULL, QUICK, TARGETS)
