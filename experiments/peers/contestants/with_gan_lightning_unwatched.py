"""The grid with this package, not watched."""

from functools import partial

from lightning.pytorch import Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from gan_lightning import GAN
from gan_lightning.callbacks import GANProgressBar
from gan_lightning.optimizers import AdamGAN


def train(
    generator: nn.Sequential, discriminator: nn.Sequential, loader: DataLoader[Tensor], lr: float, epochs: int
) -> None:
    adam = partial(AdamGAN, lr=lr, betas=(0.5, 0.999))
    gan = GAN(generator, discriminator, latent_dim=16, optimizer_d=adam, optimizer_g=adam)
    Trainer(max_epochs=epochs, accelerator="cpu", devices=1, callbacks=[GANProgressBar()]).fit(gan, loader)
