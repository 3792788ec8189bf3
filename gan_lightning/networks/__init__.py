"""Generator and discriminator pairs. A discriminator returns ``Critique(logits (N,), features (N, F))``."""

from gan_lightning.networks.conditioning import LabelConcat
from gan_lightning.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from gan_lightning.networks.minibatch import Minibatch
from gan_lightning.networks.mlp import MLPDiscriminator, MLPGenerator
from gan_lightning.networks.norm import Norm

__all__ = [
    "DCGANDiscriminator",
    "DCGANGenerator",
    "LabelConcat",
    "MLPDiscriminator",
    "MLPGenerator",
    "Minibatch",
    "Norm",
]
