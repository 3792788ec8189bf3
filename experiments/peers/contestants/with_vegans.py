"""The grid with vegans' VanillaGAN, which wants a sigmoid at the discriminator's end."""

from torch import Tensor, nn
from torch.optim import Adam
from torch.utils.data import DataLoader
from vegans.GAN import VanillaGAN


def train(
    generator: nn.Sequential, discriminator: nn.Sequential, loader: DataLoader[Tensor], lr: float, epochs: int
) -> None:
    adam = {"lr": lr, "betas": (0.5, 0.999)}
    gan = VanillaGAN(
        generator,
        nn.Sequential(*discriminator, nn.Sigmoid()),
        x_dim=2,
        z_dim=16,
        optim=Adam,
        optim_kwargs={"Generator": adam, "Adversary": adam},
        device="cpu",
    )
    gan.fit(loader, epochs=epochs, batch_size=256)
