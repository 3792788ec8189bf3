"""A GAN as others write it, by hand and with no knowledge of this package: half of the probe's proof is to read it.

D's update comes first, fakes are made twice, losses are written out, and the batch may be a tensor or a pair.
"""

from typing import Any

import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor, nn


class PlainGAN(LightningModule):
    """Manual optimisation by hand, one update of D and one of G per batch.

    Args:
        generator: maps (N, latent_dim) to samples.
        discriminator: maps samples to logits.
        latent_dim: size of a latent.
        loss: "ns" or "hinge".
        lr: of both players.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, latent_dim: int, loss: str, lr: float) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.netG, self.netD = generator, discriminator
        self.latent_dim, self.kind, self.lr = latent_dim, loss, lr

    def forward(self, z: Tensor) -> Tensor:
        made: Tensor = self.netG(z)
        return made

    def sample_latent(self, n: int) -> Tensor:
        """Draw latents (n, Z)."""
        return torch.randn(n, self.latent_dim, device=self.device)

    def logits(self, x: Tensor) -> Tensor:
        """Ask D."""
        said: Tensor = self.netD(x)
        return said.flatten()

    def d_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return D's loss from its logits."""
        if self.kind == "hinge":
            return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        return F.softplus(-real).mean() + F.softplus(fake).mean()

    def g_loss(self, fake: Tensor) -> Tensor:
        """Return G's loss from D's logits."""
        return -fake.mean() if self.kind == "hinge" else F.softplus(-fake).mean()

    def training_step(self, batch: Any, batch_idx: int) -> None:
        real = batch[0] if isinstance(batch, list) else batch
        opt_g, opt_d = self.optimizers()  # type: ignore[attr-defined]

        fake = self(self.sample_latent(len(real))).detach()
        d_loss = self.d_loss(self.logits(real), self.logits(fake))
        opt_d.zero_grad()
        self.manual_backward(d_loss)
        opt_d.step()

        g_loss = self.g_loss(self.logits(self.given_to_d(self(self.sample_latent(len(real))))))
        self.clear(opt_g)
        self.manual_backward(g_loss)
        opt_g.step()
        self.log_dict({"d_loss": d_loss, "g_loss": g_loss})

    def given_to_d(self, fake: Tensor) -> Tensor:
        """Return what D judges in G's update."""
        return fake

    def clear(self, optimizer: Any) -> None:
        """Forget the gradients before G's backward."""
        optimizer.zero_grad()

    def configure_optimizers(self) -> Any:
        return [torch.optim.Adam(net.parameters(), lr=self.lr, betas=(0.5, 0.999)) for net in (self.netG, self.netD)]


class DetachedGAN(PlainGAN):
    """The classic slip: G's samples are detached in its own update, so it gets no gradient."""

    def given_to_d(self, fake: Tensor) -> Tensor:
        return fake.detach()


class HeapingGAN(PlainGAN):
    """Another slip: G's gradients are never cleared and heap up."""

    def clear(self, optimizer: Any) -> None:
        pass


class SwappedGAN(PlainGAN):
    """Another: G is told to be rejected, for the sign of its loss is wrong."""

    def g_loss(self, fake: Tensor) -> Tensor:
        return super().g_loss(-fake)


class MixedBatchGAN(PlainGAN):
    """D judges real and generated samples in one pass; with batch norm in D each pass tells it which is which."""

    def training_step(self, batch: Any, batch_idx: int) -> None:
        real = batch[0] if isinstance(batch, list) else batch
        opt_g, opt_d = self.optimizers()  # type: ignore[attr-defined]
        for optimizer, fake in ((opt_d, self._fakes(real).detach()), (opt_g, self._fakes(real))):
            on_real, on_fake = self.logits(torch.cat([real, fake])).chunk(2)
            optimizer.zero_grad()
            self.manual_backward(self.d_loss(on_real, on_fake) if optimizer is opt_d else self.g_loss(on_fake))
            optimizer.step()

    def _fakes(self, real: Tensor) -> Tensor:
        made: Tensor = self(self.sample_latent(len(real)))
        return made
