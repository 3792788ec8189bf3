"""Recipes: GANs as their papers put them together."""

from gan_lightning.gans.acgan import ACGAN
from gan_lightning.gans.by_shape import ByShape
from gan_lightning.gans.dcgan import DCGAN
from gan_lightning.gans.improved_gan import ImprovedGAN
from gan_lightning.gans.info_dcgan import InfoDCGAN
from gan_lightning.gans.lsgan import LSGAN
from gan_lightning.gans.pac_dcgan import PacDCGAN
from gan_lightning.gans.projection_gan import ProjectionGAN
from gan_lightning.gans.r3gan import R3GAN
from gan_lightning.gans.semi_supervised_gan import SemiSupervisedGAN
from gan_lightning.gans.sngan import SNGAN
from gan_lightning.gans.vanilla import VanillaGAN
from gan_lightning.gans.wgan import WGAN
from gan_lightning.gans.wgan_gp import WGANGP

__all__ = [
    "ACGAN",
    "DCGAN",
    "LSGAN",
    "R3GAN",
    "SNGAN",
    "WGAN",
    "WGANGP",
    "ByShape",
    "ImprovedGAN",
    "InfoDCGAN",
    "PacDCGAN",
    "ProjectionGAN",
    "SemiSupervisedGAN",
    "VanillaGAN",
]
