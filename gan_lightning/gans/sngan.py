"""SNGAN: residual networks, the discriminator's layers divided by their largest singular values.

Paper: Miyato et al. 2018, "Spectral normalization for generative adversarial networks", section 4 and table 4,
    https://arxiv.org/abs/1802.05957. With classes: Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637
Differs: the learning rate stays; the paper lets it fall to zero (``scheduler_d``, ``scheduler_g``).
"""

from collections.abc import Callable, Iterable
from typing import Any

from lightning.pytorch.cli import OptimizerCallable
from torch import nn

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.gans.missing_networks import Shape
from gan_lightning.gans.without import without
from gan_lightning.losses import Hinge
from gan_lightning.networks import Norm, ResNetDiscriminator, ResNetGenerator
from gan_lightning.optimizers import AdamGAN


def adam_of_sngan(params: Iterable[nn.Parameter]) -> AdamGAN:
    """Return the paper's optimizer for residual networks: Adam with learning rate 2e-4 and betas 0 and 0.9."""
    return AdamGAN(params, lr=2e-4, betas=(0.0, 0.9))


class SNGAN(ByShape):
    """``Hinge`` loss on SNGAN's residual networks, for square images of 8, 16, 32, 64 or 128 pixels per side.

    With ``num_classes`` it is the projection discriminator of Miyato and Koyama.

    Args:
        latent_dim: length of a latent vector; the paper uses 128.
        width_d: channels of the discriminator's blocks; the paper uses 128 for 32 x 32 images.
        width_g: likewise for the generator; the paper uses 256.
        norm_d: normalisation in the discriminator.
        norm_g: normalisation in the generator.
        d_steps: discriminator updates per turn of the generator; the paper uses 5.
        optimizer_d: builds the discriminator's optimizer.
        optimizer_g: likewise for the generator.

    Raises:
        ValueError: if neither ``shape`` nor both networks are given, the shape is out of range, or dropout or a
            minibatch layer is asked for.

    Example:
        >>> gan = SNGAN(shape=(3, 32, 32), width_d=8, width_g=8)
        >>> type(gan.generator).__name__, gan.d_steps
        ('ResNetGenerator', 5)
    """

    default_loss = Hinge

    def __init__(
        self,
        *args: Any,
        latent_dim: int = 128,
        width_d: int = 128,
        width_g: int = 256,
        norm_d: Norm = "spectral",
        norm_g: Norm = "batch",
        d_steps: int = 5,
        optimizer_d: OptimizerCallable = adam_of_sngan,
        optimizer_g: OptimizerCallable = adam_of_sngan,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            *args,
            latent_dim=latent_dim,
            width_d=width_d,
            width_g=width_g,
            norm_d=norm_d,
            norm_g=norm_g,
            d_steps=d_steps,
            optimizer_d=optimizer_d,
            optimizer_g=optimizer_g,
            **kwargs,
        )

    def _network_types(self, shape: Shape) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        return (
            without(ResNetGenerator, dropout=0.0),
            without(ResNetDiscriminator, dropout=0.0, minibatch="none"),
        )
