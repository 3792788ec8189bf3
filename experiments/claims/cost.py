"""What does each technique cost, over the plain GAN and over the same technique written by hand?

Four loops take turns in one process, on one thread: the plain GAN, the technique, and two loops in plain PyTorch with
the technique written by hand (``raw_loop``: ``careful`` and ``best``). All train the same networks from the same first
weights on the same data; ours log to a file. Before anything is timed, 3 steps of ours and of ``best`` from one random
state must end in the same weights up to rounding. How the time is measured is told in ``experiments/speed``: CPU time,
many short turns, the median of the ratios within a round.

    python experiments/claims/cost.py [--only NAME ...] [--quick]
"""

import argparse
import json
import logging
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from functools import partial
from os import devnull
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from claims_table import RESULTS, between_markers, table
from interleaved import Batches, Contestant, Networks, Plan, Times, environment, measure, ratios
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import CSVLogger
from raw_loop import STYLES
from raw_techniques import NETWORKS, TECHNIQUES, Technique
from torch import Tensor, nn

from gan_lightning import GAN
from gan_lightning.data import GaussianMixture, TensorLoader
from gan_lightning.layers import Referenced

FULL = {"points": Plan(9, 5, 25), "labelled": Plan(9, 5, 25), "images": Plan(9, 4, 6)}
QUICK = {"points": Plan(4, 2, 20), "labelled": Plan(4, 2, 20), "images": Plan(4, 2, 5)}
CHECKED_STEPS = 3


def run(technique: Technique, plan: Plan) -> dict[str, float]:
    """Check and measure one technique."""
    with TemporaryDirectory() as folder, open(devnull, "w") as void, redirect_stdout(void), redirect_stderr(void):
        with lineup(technique, folder) as contestants:
            worst = check(contestants["ours"].networks, contestants["best"].networks, contestants)
        with lineup(technique, folder) as contestants:
            times = measure(contestants, plan)
    return {"difference": worst, **summary(times)}


@contextmanager
def lineup(technique: Technique, folder: str) -> Iterator[dict[str, Contestant]]:
    """Start the loops, pause each before its first step, and end them afterwards."""
    torch.manual_seed(0)
    gan, plain = technique.build(), technique.build(plain=True)
    copies = {style: deepcopy((gan.generator, gan.discriminator)) for style in STYLES}
    contestants = {name: ours(technique, module, folder) for name, module in (("plain", plain), ("ours", gan))}
    contestants |= {style: by_hand(technique, *networks, style) for style, networks in copies.items()}
    share_references(contestants)
    try:
        yield contestants
    finally:
        for contestant in contestants.values():
            contestant.stop()


def ours(technique: Technique, gan: GAN, folder: str) -> Contestant:
    """Start this package's loop."""

    def train(batches: Batches) -> None:
        trainer = Trainer(
            accelerator="cpu",
            devices=1,
            max_epochs=-1,
            logger=CSVLogger(folder),
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(gan, batches)

    return Contestant(Networks(gan.generator, gan.discriminator), batches_of(technique), train, imports_lightning=True)


def by_hand(technique: Technique, generator: nn.Module, discriminator: nn.Module, style: str) -> Contestant:
    """Start a loop in plain PyTorch."""
    is_best = style == "best"
    mixes = "minibatch_d" in technique.own
    jointly = is_best and technique.raw.one_pass_pays and technique.workload != "images" and not mixes
    latent_dim = NETWORKS[technique.workload]["latent_dim"]
    raw = technique.raw(generator, discriminator, latent_dim, jointly=jointly, fused=is_best)
    train = partial(STYLES[style], raw)
    return Contestant(Networks(generator, discriminator), batches_of(technique), train, imports_lightning=False)


def batches_of(technique: Technique) -> Batches:
    """Return batches in an order that is the same for all."""
    if technique.workload == "images":
        images = torch.rand(2048, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
        return _in_batches(64, images)
    labels = technique.workload == "labelled"
    data = GaussianMixture("grid", num_modes=25, spacing=1.5, sigma=0.1, labels=labels)
    points, modes = data.load()
    return _in_batches(256, points, *([modes] if labels else []))


def share_references(contestants: dict[str, Contestant]) -> None:
    """Give virtual batch norm the reference that ours has drawn at the start."""
    own = contestants["ours"].networks.generator
    for style in STYLES:
        twin = contestants[style].networks.generator
        if isinstance(own, Referenced) and isinstance(twin, Referenced):
            twin.set_reference(*own.reference)


def check(own: Networks, twin: Networks, contestants: dict[str, Contestant]) -> float:
    """Return the largest difference of a weight after some steps from one random state.

    Raises:
        AssertionError: if it is more than rounding.
    """
    for name in ("ours", "best"):
        torch.manual_seed(1)
        contestants[name].advance(CHECKED_STEPS)
    pairs = [pair for a, b in zip(own, twin, strict=True) for pair in _weights(a, b)]
    worst = max(float((a - b).abs().max()) for a, b in pairs)
    assert worst < 2e-5, f"ours and the loop by hand differ by up to {worst:.1e} after {CHECKED_STEPS} steps"
    return worst


def summary(times: Times) -> dict[str, float]:
    """Return the medians."""
    return {
        "plain_ms": median(times["plain"]),
        "over_plain_ms": median(a - b for a, b in zip(times["ours"], times["plain"], strict=True)),
        "ours_over_plain": median(ratios(times, "ours", "plain")),
        "ours_over_careful": median(ratios(times, "ours", "careful")),
        "ours_over_best": median(ratios(times, "ours", "best")),
    }


def write_table(results: dict[str, dict[str, Any]]) -> None:
    """Write all results into the README."""
    header = ("technique", "ms over plain", "ratio to plain", "ratio to hand-written", "ratio to best hand-written")
    rows = [
        [
            name,
            f"{row['over_plain_ms']:.2f}",
            *(f"{row[key]:.2f}" for key in ("ours_over_plain", "ours_over_careful", "ours_over_best")),
        ]
        for name, row in results.items()
    ]
    between_markers("cost", table(header, rows))


def _weights(network: nn.Module, twin: nn.Module) -> list[tuple[Tensor, Tensor]]:
    return list(zip(network.parameters(), twin.parameters(), strict=True))


def _in_batches(batch_size: int, *tensors: Tensor) -> Batches:
    loader = TensorLoader(*tensors, batch_size=batch_size)
    return Batches(loader, len(tensors[0]) // batch_size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=TECHNIQUES, default=list(TECHNIQUES), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and nothing is written")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    random.seed(0)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    file = RESULTS / "cost.json"
    results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for name in arguments.only:
        technique = TECHNIQUES[name]
        plans = QUICK if arguments.quick else FULL
        results[name] = {key: round(value, 7) for key, value in run(technique, plans[technique.workload]).items()}
        print(name, results[name], flush=True)
        if not arguments.quick:
            results = {name: results[name] for name in TECHNIQUES if name in results} | {"environment": environment()}
            file.write_text(json.dumps(results, indent=1) + "\n")
            write_table({name: results[name] for name in TECHNIQUES if name in results})


if __name__ == "__main__":
    main()
