"""All contestants, and the proof that they compute the same.

- ``naive``: raw PyTorch as in most tutorials
- ``frozen``: raw PyTorch with care: the unit of comparison
- ``best``: raw PyTorch with everything known; without batch norm, D judges real and fake in one pass
- ``best_two_passes``: the same, but with two passes (``ring_mlp`` only; elsewhere ``best`` is that)
- ``official``: a LightningModule in the idioms of Lightning's own GAN example
- ``ours``: ``gan_lightning.GAN`` with its defaults; bar, logger, checkpoints and pictures are on
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import lightning_loops
import raw_loops
import torch
from contestant import Batches, Contestant
from torch.utils.data import DataLoader, TensorDataset
from workloads import Networks, Workload

from gan_lightning.data import TensorLoader

Loop = Callable[[Networks, int, Any], None]

TWINS = {"ours": "best", "naive": "frozen", "official": "frozen"}
CHECKED_STEPS, CHECKED_BATCH_SIZE = 20, 16


@contextmanager
def lineup(workload: Workload, folder: Path) -> Iterator[dict[str, Contestant]]:
    """Start all loops, pause each before its first step, and end them afterwards."""
    tutorial_batches = partial(_data_loader, workload)
    cheap_batches = partial(raw_loops.Permuted, workload.data, workload.batch_size, workload.shuffle)
    own_batches = partial(TensorLoader, workload.data, batch_size=workload.batch_size, shuffle=workload.shuffle)
    in_two_passes = partial(raw_loops.best, judge=raw_loops.in_two_passes)
    in_one_pass = partial(raw_loops.best, judge=raw_loops.in_one_pass)
    loops: dict[str, tuple[Loop, Callable[[], Iterable[Any]]]] = {
        "naive": (raw_loops.naive, tutorial_batches),
        "frozen": (raw_loops.frozen, cheap_batches),
        "best": (in_two_passes, cheap_batches),
        "official": (partial(lightning_loops.official, folder=folder / "official"), tutorial_batches),
        "ours": (partial(lightning_loops.ours, folder=folder / "ours"), own_batches),
    }
    if not workload.has_batch_norm:
        loops |= {"best": (in_one_pass, cheap_batches), "best_two_passes": (in_two_passes, cheap_batches)}
    contestants = {
        name: _start(workload, loop, batches(), imports_lightning=name in ("official", "ours"))
        for name, (loop, batches) in loops.items()
    }
    try:
        yield contestants
    finally:
        for contestant in contestants.values():
            contestant.stop()


def check_twins(workload: Workload, folder: Path) -> None:
    """Assert that twins have bit-identical weights and buffers after some steps.

    Raises:
        AssertionError: if they have not; it names the twins and the first tensor that differs.
    """
    ordered = replace(workload, batch_size=CHECKED_BATCH_SIZE, shuffle=False)
    with lineup(ordered, folder) as contestants:
        for contestant in contestants.values():
            torch.manual_seed(0)
            contestant.advance(CHECKED_STEPS)
        for name, twin in TWINS.items():
            _assert_equal(name, contestants[name].networks, twin, contestants[twin].networks)


def _assert_equal(name: str, networks: Networks, twin: str, other: Networks) -> None:
    for network, counterpart in zip(networks, other, strict=True):
        expected = counterpart.state_dict()
        for key, value in network.state_dict().items():
            worst = float((value - expected[key]).abs().max())
            assert torch.equal(value, expected[key]), f"{name} and {twin} differ in {key} by up to {worst:.1e}"


def _start(workload: Workload, loop: Loop, loader: Iterable[Any], imports_lightning: bool) -> Contestant:
    networks = workload.networks()
    batches = Batches(loader, len(workload.data) // workload.batch_size)
    train = partial(loop, networks, workload.latent_dim)
    return Contestant(networks, batches, train, imports_lightning)


def _data_loader(workload: Workload) -> DataLoader[Any]:
    return DataLoader(
        TensorDataset(workload.data),
        workload.batch_size,
        workload.shuffle,
        drop_last=True,
        generator=torch.Generator(),  # or else it would take its seeds from the random state that the latents come from
    )
