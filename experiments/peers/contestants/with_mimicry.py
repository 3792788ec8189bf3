"""The grid with torch-mimicry's Trainer; the loader yields labels too, which it asks for."""

import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.utils.data import DataLoader
from torch_mimicry.nets.gan import BaseDiscriminator, BaseGenerator
from torch_mimicry.training import Trainer


class PointGenerator(BaseGenerator):  # type: ignore[misc]
    """The given layers as mimicry wants them."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__(nz=16, ngf=128, bottom_width=1, loss_type="gan")
        self.layers = layers

    def forward(self, z: Tensor) -> Tensor:
        fake: Tensor = self.layers(z)
        return fake


class PointDiscriminator(BaseDiscriminator):  # type: ignore[misc]
    """The given layers as mimicry wants them."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__(ndf=128, loss_type="gan")
        self.layers = layers

    def forward(self, points: Tensor) -> Tensor:
        logits: Tensor = self.layers(points)
        return logits


def train(
    generator: nn.Sequential, discriminator: nn.Sequential, loader: DataLoader[Tensor], lr: float, epochs: int
) -> None:
    net_g, net_d = PointGenerator(generator), PointDiscriminator(discriminator)
    trainer = Trainer(
        netD=net_d,
        netG=net_g,
        optD=Adam(net_d.parameters(), lr, betas=(0.5, 0.999)),
        optG=Adam(net_g.parameters(), lr, betas=(0.5, 0.999)),
        dataloader=loader,
        num_steps=epochs * len(loader),
        device=torch.device("cpu"),
    )
    trainer.train()
