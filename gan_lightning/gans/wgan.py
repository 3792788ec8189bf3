"""WGAN: the Wasserstein distance, its critic kept Lipschitz by clipping its weights.

Paper: Arjovsky, Chintala, Bottou 2017, algorithm 1, https://arxiv.org/abs/1701.07875
"""

from collections.abc import Iterable
from typing import Any

from lightning.pytorch.cli import OptimizerCallable
from torch.nn import Parameter
from torch.optim import RMSprop

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.losses import Wasserstein
from gan_lightning.mixins import WeightClipping


def slow_rmsprop(params: Iterable[Parameter]) -> RMSprop:
    """Return the paper's optimizer: RMSprop without momentum, learning rate 5e-5."""
    return RMSprop(params, lr=5e-5)


class WGAN(WeightClipping, ByShape):
    """``Wasserstein`` with clipped weights, five critic updates per turn, and RMSprop.

    Args:
        d_steps: critic updates per turn of the generator; the paper uses 5.
        optimizer_d: builds the critic's optimizer.
        optimizer_g: likewise for the generator.

    Example:
        >>> gan = WGAN(shape=(2,))
        >>> gan.d_steps, gan.weight_clip
        (5, 0.01)
    """

    default_loss = Wasserstein

    def __init__(
        self,
        *args: Any,
        d_steps: int = 5,
        optimizer_d: OptimizerCallable = slow_rmsprop,
        optimizer_g: OptimizerCallable = slow_rmsprop,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, d_steps=d_steps, optimizer_d=optimizer_d, optimizer_g=optimizer_g, **kwargs)
