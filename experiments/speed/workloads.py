"""What all contestants train on: the same networks, the same first weights, the same data."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan_lightning import Critique
from gan_lightning.data import GaussianMixture
from gan_lightning.networks import DCGANDiscriminator, DCGANGenerator

WIDTH = 128


class Networks(NamedTuple):
    """The two players; the discriminator returns logits (N,)."""

    generator: nn.Module
    discriminator: nn.Module


@dataclass(frozen=True)
class Workload:
    """A pair of networks and its data.

    Args:
        initial: the networks as all contestants find them.
        latent_dim: size of the generator's input.
        data: all real samples, (N, ...).
        batch_size: samples per step.
        has_batch_norm: whether real and fake have to be judged in passes of their own.
        shuffle: draw a new order each epoch; without, all contestants see the same batches.
    """

    initial: Networks
    latent_dim: int
    data: Tensor
    batch_size: int
    has_batch_norm: bool
    shuffle: bool = True

    def networks(self) -> Networks:
        """Return a copy of the networks to train."""
        return deepcopy(self.initial)


def ring_mlp() -> Workload:
    """A ring of 8 Gaussians for two small perceptrons, where the time goes into overhead."""
    data = GaussianMixture(layout="ring", num_samples=100_000)
    data.setup("fit")
    points = torch.cat([batch for batch in data.train_dataloader() if isinstance(batch, Tensor)])
    generator = nn.Sequential(*_hidden(), nn.Linear(WIDTH, 2))
    discriminator = nn.Sequential(*_hidden(), nn.Linear(WIDTH, 1), nn.Flatten(0))
    return Workload(Networks(generator, discriminator), 2, points, 256, has_batch_norm=False)


def dcgan32() -> Workload:
    """Images 32 x 32 x 3 for a DCGAN with batch norm, where the time goes into convolutions."""
    images = torch.rand(4096, 3, 32, 32) * 2 - 1
    generator = DCGANGenerator(100, (3, 32, 32), width=64)
    discriminator = nn.Sequential(DCGANDiscriminator((3, 32, 32), width=64), _Logits())
    return Workload(Networks(generator, discriminator), 100, images, 64, has_batch_norm=True)


WORKLOADS: dict[str, Callable[[], Workload]] = {"ring_mlp": ring_mlp, "dcgan32": dcgan32}


class _Logits(nn.Module):
    def forward(self, critique: Critique) -> Tensor:
        return critique.logits


def _hidden() -> list[nn.Module]:
    return [nn.Linear(2, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU()]
