"""One technique per file; each is a GAN that other GANs can be mixed with."""

from gan_lightning.mixins.r1 import R1

__all__ = ["R1"]
