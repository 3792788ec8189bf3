"""Generator and discriminator pairs. A discriminator returns ``Critique(logits (N,), features (N, F))``."""

from gan_lightning.networks.conditioning import LabelConcat
from gan_lightning.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from gan_lightning.networks.minibatch import Minibatch
from gan_lightning.networks.mlp import MLPDiscriminator, MLPGenerator
from gan_lightning.networks.norm import Norm
from gan_lightning.networks.r3gan import R3GANDiscriminator, R3GANGenerator
from gan_lightning.networks.resnet import ResNetDiscriminator, ResNetGenerator

__all__ = [
    "DCGANDiscriminator",
    "DCGANGenerator",
    "LabelConcat",
    "MLPDiscriminator",
    "MLPGenerator",
    "Minibatch",
    "Norm",
    "R3GANDiscriminator",
    "R3GANGenerator",
    "ResNetDiscriminator",
    "ResNetGenerator",
]
