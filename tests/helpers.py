"""Tiny networks, data and runs for the tests."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn

from gan_lightning import GAN

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

LATENT = 4


class InterruptError(Exception):
    """Ends a run, as a job's time limit does."""


class StopAfter(Callback):
    """Save after some iterations and end the run there."""

    def __init__(self, iterations: int, file: Path) -> None:
        self.iterations, self.file = iterations, file

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        if pl_module.iteration == self.iterations:
            trainer.save_checkpoint(self.file)
            raise InterruptError


def mlp(inputs: int, outputs: int, width: int = 8) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.Linear(width, outputs))


class Labelled(nn.Module):
    """A network that takes labels, by one-hot vectors."""

    def __init__(self, inputs: int, outputs: int, num_classes: int) -> None:
        super().__init__()
        self.net, self.num_classes = mlp(inputs + num_classes, outputs), num_classes

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        return self.net(torch.cat([x, nn.functional.one_hot(label, self.num_classes).to(x.dtype)], 1))


class Batches:
    """A sized loader over batches that are there already."""

    def __init__(self, *batches: Any) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)


def points(n: int = 8, batches: int = 4, seed: int = 0, dtype: torch.dtype = torch.float32) -> Batches:
    generator = torch.Generator().manual_seed(seed)
    return Batches(*torch.randn(batches, n, 2, generator=generator, dtype=dtype))


def make(cls: type[GAN] = GAN, seed: int = 1, **arguments: Any) -> GAN:
    torch.manual_seed(seed)
    arguments = {"latent_dim": LATENT, **arguments}
    generator = arguments.pop("generator", None) or mlp(LATENT, 2)
    discriminator = arguments.pop("discriminator", None) or mlp(2, 1)
    return cls(generator, discriminator, **arguments)


def trainer(**arguments: Any) -> Trainer:
    quiet = {
        "accelerator": "cpu", "devices": 1, "max_epochs": 1, "logger": False, "enable_checkpointing": False,
        "enable_progress_bar": False, "enable_model_summary": False,
    }  # fmt: skip
    return Trainer(**{**quiet, **arguments})


def fit(gan: LightningModule, data: Any = None, *, ckpt_path: Any = None, seed: int = 2, **arguments: Any) -> Trainer:
    torch.manual_seed(seed)
    run = trainer(**arguments)
    data = points() if data is None else data
    run.fit(gan, data, ckpt_path=ckpt_path, weights_only=True if ckpt_path else None)
    return run


def weights(gan: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in gan.parameters()])
