"""The grid with torchgan's Trainer."""

import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.utils.data import DataLoader
from torchgan.losses import MinimaxDiscriminatorLoss, MinimaxGeneratorLoss
from torchgan.models import Discriminator, Generator
from torchgan.trainer import Trainer


class PointGenerator(Generator):  # type: ignore[misc]
    """The given layers as torchgan wants them."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__(encoding_dims=16)
        self.layers = layers

    def forward(self, z: Tensor) -> Tensor:
        fake: Tensor = self.layers(z)
        return fake


class PointDiscriminator(Discriminator):  # type: ignore[misc]
    """The given layers as torchgan wants them."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__(input_dims=2)
        self.layers = layers

    def forward(self, points: Tensor) -> Tensor:
        logits: Tensor = self.layers(points)
        return logits


def train(
    generator: nn.Sequential, discriminator: nn.Sequential, loader: DataLoader[Tensor], lr: float, epochs: int
) -> None:
    adam = {"name": Adam, "args": {"lr": lr, "betas": (0.5, 0.999)}}
    models = {
        "generator": {"name": PointGenerator, "args": {"layers": generator}, "optimizer": adam},
        "discriminator": {"name": PointDiscriminator, "args": {"layers": discriminator}, "optimizer": adam},
    }
    losses = [MinimaxDiscriminatorLoss(), MinimaxGeneratorLoss()]
    trainer = Trainer(models, losses, device=torch.device("cpu"), epochs=epochs)
    trainer(loader)
