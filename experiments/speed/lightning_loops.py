"""The Lightning contestants: a module in the idioms of Lightning's own GAN example, and ``gan_lightning.GAN``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from contestant import Batches
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from raw_loops import BETAS, LR, d_loss, g_loss
from torch import Tensor
from torch.optim import Adam, Optimizer
from workloads import Networks

from gan_lightning import GAN, SampleGrid
from gan_lightning.callbacks import GANProgressBar

EVERY = 1000
"""Iterations between two checkpoints, and between two pictures."""


def official(networks: Networks, latent_dim: int, batches: Batches, folder: Path) -> None:
    """The usual idioms and a Trainer's defaults: a checkpoint per epoch, the bar drawn at each batch."""
    _fit(OfficialIdioms(networks, latent_dim), batches, folder, ModelCheckpoint())


def ours(networks: Networks, latent_dim: int, batches: Batches, folder: Path, extra: Sequence[Callback] = ()) -> None:
    """This package with its defaults and everything on, and ``extra`` callbacks."""
    gan = GAN(networks.generator, networks.discriminator, latent_dim=latent_dim)
    checkpoint = ModelCheckpoint(every_n_train_steps=EVERY)
    _fit(gan, batches, folder, checkpoint, GANProgressBar(), SampleGrid(every=EVERY), *extra)


class OfficialIdioms(LightningModule):
    """Manual optimisation as the official example does it: toggle, forward, log, backward, step, zero, untoggle.

    Differs from the example in favour of speed and of comparability: the loss is the same maths in its cheaper form,
    D comes first, and no images are drawn.
    """

    def __init__(self, networks: Networks, latent_dim: int) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.generator, self.discriminator = networks
        self.latent_dim = latent_dim

    def forward(self, z: Tensor) -> Tensor:
        fake: Tensor = self.generator(z)
        return fake

    def configure_optimizers(self) -> tuple[list[Optimizer], list[Any]]:
        return [Adam(network.parameters(), LR, BETAS) for network in (self.generator, self.discriminator)], []

    def training_step(self, batch: list[Tensor], batch_idx: int) -> None:
        (real,) = batch
        optimizer_g, optimizer_d = self.optimizers()  # type: ignore[attr-defined]

        self.toggle_optimizer(optimizer_d)
        fake = self(torch.randn(len(real), self.latent_dim).type_as(real)).detach()
        loss_d = d_loss(self.discriminator(real), self.discriminator(fake))
        self.log("d_loss", loss_d, prog_bar=True)
        self.manual_backward(loss_d)
        optimizer_d.step()
        optimizer_d.zero_grad()
        self.untoggle_optimizer(optimizer_d)

        self.toggle_optimizer(optimizer_g)
        loss_g = g_loss(self.discriminator(self(torch.randn(len(real), self.latent_dim).type_as(real))))
        self.log("g_loss", loss_g, prog_bar=True)
        self.manual_backward(loss_g)
        optimizer_g.step()
        optimizer_g.zero_grad()
        self.untoggle_optimizer(optimizer_g)


def _fit(module: LightningModule, batches: Batches, folder: Path, *callbacks: Callback) -> None:
    trainer = Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=-1,
        default_root_dir=folder,
        logger=CSVLogger(folder),
        callbacks=list(callbacks),
    )
    trainer.fit(module, batches)
