"""WGAN-GP: the Wasserstein distance, its critic kept Lipschitz by a penalty on its slope.

Paper: Gulrajani et al. 2017, algorithm 1, https://arxiv.org/abs/1704.00028
"""

from collections.abc import Iterable
from typing import Any

from lightning.pytorch.cli import OptimizerCallable
from torch.nn import Parameter

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.losses import Wasserstein
from gan_lightning.mixins import GradientPenalty
from gan_lightning.optimizers import AdamGAN


def adam_without_momentum(params: Iterable[Parameter]) -> AdamGAN:
    """Return the paper's optimizer: Adam with learning rate 1e-4 and betas 0 and 0.9."""
    return AdamGAN(params, lr=1e-4, betas=(0.0, 0.9))


class WGANGP(GradientPenalty, ByShape):
    """``Wasserstein`` with ``GradientPenalty``, five critic updates per turn, and Adam without momentum.

    Args:
        d_steps: critic updates per turn of the generator; the paper uses 5.
        optimizer_d: builds the critic's optimizer.
        optimizer_g: likewise for the generator.

    Example:
        >>> gan = WGANGP(shape=(3, 32, 32), norm_d="layer")
        >>> gan.d_steps, gan.gp_weight
        (5, 10.0)
    """

    default_loss = Wasserstein

    def __init__(
        self,
        *args: Any,
        d_steps: int = 5,
        optimizer_d: OptimizerCallable = adam_without_momentum,
        optimizer_g: OptimizerCallable = adam_without_momentum,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, d_steps=d_steps, optimizer_d=optimizer_d, optimizer_g=optimizer_g, **kwargs)
