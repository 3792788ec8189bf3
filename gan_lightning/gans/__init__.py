"""Recipes: GANs as their papers put them together."""

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.gans.dcgan import DCGAN
from gan_lightning.gans.vanilla import VanillaGAN

__all__ = ["DCGAN", "ByShape", "VanillaGAN"]
