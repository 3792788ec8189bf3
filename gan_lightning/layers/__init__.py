"""What goes inside a network: ``nn.Module`` layers. A GAN technique that changes an architecture lives here."""

from gan_lightning.layers.class_sum import ClassSum
from gan_lightning.layers.conditional_batch_norm import ConditionalBatchNorm1d, ConditionalBatchNorm2d
from gan_lightning.layers.dropout import set_dropout
from gan_lightning.layers.equalized_lr import equalize
from gan_lightning.layers.gaussian_noise import GaussianNoise
from gan_lightning.layers.heads import Head
from gan_lightning.layers.minibatch_discrimination import MinibatchDiscrimination
from gan_lightning.layers.minibatch_stddev import MinibatchStdDev
from gan_lightning.layers.pixel_norm import PixelNorm
from gan_lightning.layers.projection import Projection
from gan_lightning.layers.referenced import Referenced
from gan_lightning.layers.self_attention import SelfAttention
from gan_lightning.layers.spectral_norm import add_spectral_norm
from gan_lightning.layers.taps import Taps
from gan_lightning.layers.virtual_batch_norm import (
    VirtualBatchNorm1d,
    VirtualBatchNorm2d,
    convert_batchnorm_to_virtual,
)

__all__ = [
    "ClassSum",
    "ConditionalBatchNorm1d",
    "ConditionalBatchNorm2d",
    "GaussianNoise",
    "Head",
    "MinibatchDiscrimination",
    "MinibatchStdDev",
    "PixelNorm",
    "Projection",
    "Referenced",
    "SelfAttention",
    "Taps",
    "VirtualBatchNorm1d",
    "VirtualBatchNorm2d",
    "add_spectral_norm",
    "convert_batchnorm_to_virtual",
    "equalize",
    "set_dropout",
]
