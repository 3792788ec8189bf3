"""R3GAN: a relativistic loss that has to be regularised on both sides, and modern networks without normalisation.

Paper: Huang et al. 2024, "The GAN is dead; long live the GAN! A modern GAN baseline", sections 2 and 3,
    https://arxiv.org/abs/2501.05441
Differs: the strength of the penalties, the learning rate and Adam's second beta stay; the paper moves them along a
    cosine at the start. Fully connected networks for vectors.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lightning.pytorch.cli import OptimizerCallable
from torch import nn

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.gans.missing_networks import Shape
from gan_lightning.gans.without import without
from gan_lightning.losses import RelativisticPaired
from gan_lightning.mixins import R1, R2
from gan_lightning.networks import R3GANDiscriminator, R3GANGenerator
from gan_lightning.optimizers import AdamGAN


def adam_of_r3gan(params: Iterable[nn.Parameter]) -> AdamGAN:
    """Return the paper's optimizer: Adam with learning rate 2e-4 and betas 0 and 0.99."""
    return AdamGAN(params, lr=2e-4, betas=(0.0, 0.99))


class R3GAN(R1, R2, ByShape):
    """``RelativisticPaired`` with ``R1`` and ``R2`` on R3GAN's networks: square images of 8 to 128 pixels per side.

    Vectors get fully connected networks. Both penalties are needed at every iteration: with one alone, or with lazy
    ones, the paper finds no convergence on simple data.

    Args:
        width_d: channels up to 32 x 32 pixels; the paper uses 768, these networks train on a CPU with 16 to 64.
        width_g: likewise for the generator.
        r1_gamma: strength of R1; the paper uses 1, falling to 0.1, for Stacked MNIST, and other values for other data.
        r2_gamma: strength of R2; the paper uses R1's.
        optimizer_d: builds the discriminator's optimizer.
        optimizer_g: likewise for the generator.

    Raises:
        ValueError: if neither ``shape`` nor both networks are given, the shape is out of range, or images' networks are
            asked for normalisation, dropout or a minibatch layer.

    Example:
        >>> gan = R3GAN(shape=(3, 32, 32), width_d=16, width_g=16)
        >>> type(gan.generator).__name__, type(gan.loss).__name__
        ('R3GANGenerator', 'RelativisticPaired')
    """

    default_loss = RelativisticPaired

    def __init__(
        self,
        *args: Any,
        width_d: int = 64,
        width_g: int = 64,
        r1_gamma: float = 1.0,
        r2_gamma: float = 1.0,
        optimizer_d: OptimizerCallable = adam_of_r3gan,
        optimizer_g: OptimizerCallable = adam_of_r3gan,
        **kwargs: Any,
    ) -> None:
        penalties: dict[str, Any] = {"r1_gamma": r1_gamma, "r2_gamma": r2_gamma}
        training: dict[str, Any] = {"optimizer_d": optimizer_d, "optimizer_g": optimizer_g}
        super().__init__(*args, width_d=width_d, width_g=width_g, **penalties, **training, **kwargs)

    def _network_types(self, shape: Shape) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        if len(shape) != 3:
            return super()._network_types(shape)
        return (
            without(R3GANGenerator, norm="none", dropout=0.0),
            without(R3GANDiscriminator, norm="none", dropout=0.0, minibatch="none"),
        )
