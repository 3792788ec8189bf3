"""The grid with a LightningModule in the idioms of Lightning's own GAN example; no images are drawn."""

from typing import Any

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.utils.data import DataLoader


class PointGAN(LightningModule):
    """Both players under manual optimisation."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, lr: float) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.generator, self.discriminator, self.lr = generator, discriminator, lr

    def forward(self, z: Tensor) -> Tensor:
        fake: Tensor = self.generator(z)
        return fake

    def adversarial_loss(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, target)

    def configure_optimizers(self) -> tuple[list[Optimizer], list[Any]]:
        adam_g = Adam(self.generator.parameters(), self.lr, betas=(0.5, 0.999))
        adam_d = Adam(self.discriminator.parameters(), self.lr, betas=(0.5, 0.999))
        return [adam_g, adam_d], []

    def training_step(self, real: Tensor) -> None:
        optimizer_g, optimizer_d = self.optimizers()  # type: ignore[attr-defined]
        valid, fake = torch.ones(len(real), 1).type_as(real), torch.zeros(len(real), 1).type_as(real)

        self.toggle_optimizer(optimizer_d)
        z = torch.randn(len(real), 16).type_as(real)
        loss_real = self.adversarial_loss(self.discriminator(real), valid)
        loss_fake = self.adversarial_loss(self.discriminator(self(z).detach()), fake)
        loss_d = loss_real + loss_fake
        self.log("d_loss", loss_d, prog_bar=True)
        self.manual_backward(loss_d)
        optimizer_d.step()
        optimizer_d.zero_grad()
        self.untoggle_optimizer(optimizer_d)

        self.toggle_optimizer(optimizer_g)
        z = torch.randn(len(real), 16).type_as(real)
        loss_g = self.adversarial_loss(self.discriminator(self(z)), valid)
        self.log("g_loss", loss_g, prog_bar=True)
        self.manual_backward(loss_g)
        optimizer_g.step()
        optimizer_g.zero_grad()
        self.untoggle_optimizer(optimizer_g)


def train(
    generator: nn.Sequential, discriminator: nn.Sequential, loader: DataLoader[Tensor], lr: float, epochs: int
) -> None:
    gan = PointGAN(generator, discriminator, lr)
    Trainer(max_epochs=epochs, accelerator="cpu", devices=1).fit(gan, loader)
