"""A run of a second that has all that a checkpoint must hold, to be disturbed."""

import os
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from helpers import LATENT, make, mlp, trainer
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor, nn

from gan_lightning import GAN, R1
from gan_lightning.callbacks import GeneratorEMA
from gan_lightning.data import TensorData

TIMEOUT = 20
"""Seconds after which a rank gives up waiting for another."""


class Tells(Callback):
    """Says that training has begun."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self.ready = ready

    def on_train_start(self, *_: Any) -> None:
        self.ready()


def step_decay(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.StepLR:
    return torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.9)


def gan() -> GAN:
    """Dropout, batch norm, a lazy penalty, two updates of D per turn, schedulers, clipping."""
    torch.manual_seed(0)
    generator = nn.Sequential(mlp(LATENT, 2), nn.BatchNorm1d(2), nn.Dropout(0.2))
    return make(R1, generator=generator, r1_gamma=1.0, r1_every=3, d_steps=2, scheduler_d=step_decay, clip_g=0.1)


def data() -> TensorData:
    ranks = int(os.environ.get("WORLD_SIZE", 1))
    samples = torch.randn(88, 2, generator=torch.Generator().manual_seed(0))
    return TensorData(samples, batch_size=8 // ranks, seed=3)


def saver(folder: Path, **arguments: Any) -> ModelCheckpoint:
    return ModelCheckpoint(folder, "{step}", every_n_train_steps=3, save_last=True, save_top_k=1, **arguments)


def train(
    folder: Path,
    steps: int,
    *more: Callback,
    ckpt_path: str | None = "last",
    ready: Callable[[], None] = bool,
    samples: Any = None,
    **arguments: Any,
) -> GAN:
    """Go on from the last checkpoint in ``folder``, if there is one, and leave the end in ``end.pt``."""
    module, ema = gan(), GeneratorEMA()
    savers = [] if any(isinstance(each, ModelCheckpoint) for each in more) else [saver(folder)]
    callbacks = [Tells(ready), ema, *more, *savers]
    ranks = int(os.environ.get("WORLD_SIZE", 1))
    timeout = timedelta(seconds=TIMEOUT)
    strategy = DDPStrategy(process_group_backend="gloo", timeout=timeout) if ranks > 1 else "auto"
    own = {"default_root_dir": folder, "callbacks": callbacks, "devices": ranks, "strategy": strategy}
    usual = {"max_epochs": -1, "max_steps": steps, "enable_checkpointing": True, "log_every_n_steps": 7}
    run = trainer(**{**own, **usual, **arguments})
    torch.manual_seed(2)
    there = ckpt_path != "last" or (folder / "last.ckpt").exists()
    run.fit(module, data() if samples is None else samples, ckpt_path=ckpt_path if there else None, weights_only=True)
    if run.is_global_zero:
        torch.save(end_of(run, module, ema), folder / "end.pt")
    return module


def undisturbed(folder: Path, steps: int) -> dict[str, Tensor]:
    """Return the end of a run of this process that nothing befalls."""
    folder.mkdir()
    train(folder, steps)
    end: dict[str, Tensor] = torch.load(folder / "end.pt")
    return end


def resumed(folder: Path, steps: int, *more: Callback, **arguments: Any) -> dict[str, Tensor]:
    """Return the end of a run that goes on from what a disturbed one has left."""
    train(folder, steps, *more, **arguments)
    end: dict[str, Tensor] = torch.load(folder / "end.pt")
    return end


def end_of(run: Any, module: GAN, ema: Any) -> dict[str, Tensor]:
    """Return all tensors that there are at the end of a run, by name."""
    found = dict(module.state_dict())
    for number, optimizer in enumerate(run.optimizers):
        for index, state in optimizer.state_dict()["state"].items():
            found |= {f"optimizer {number}, {index}, {name}": torch.as_tensor(value) for name, value in state.items()}
    found |= {f"average, {name}": value for name, value in ema.average_model().state_dict().items()}
    found["iteration"] = torch.tensor(module.iteration)
    return found


def ranks_of(number: int) -> list[dict[str, str]]:
    """Return the environments of processes that ``torchrun`` would start on one machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    shared = {"NODE_RANK": "0", "WORLD_SIZE": str(number), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [{**shared, "LOCAL_RANK": str(rank)} for rank in range(number)]


def differences(first: dict[str, Tensor], second: dict[str, Tensor]) -> list[str]:
    """Name what is not the same, bit for bit."""
    assert first.keys() == second.keys()
    return [name for name in first if not torch.equal(first[name], second[name])]
