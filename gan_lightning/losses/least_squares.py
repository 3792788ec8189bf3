"""The least-squares loss (LSGAN).

Paper: Mao et al. 2017, "Least squares generative adversarial networks", section 3.2, eq. 2; the coding a = 0,
    b = c = 1 is eq. 9, a = -1, b = 1, c = 0 is eq. 8, https://arxiv.org/abs/1611.04076.
"""

from jaxtyping import Float
from torch import Tensor

from gan_lightning.losses.base import AdversarialLoss, Target, check_target_shape


def least_squares_d_loss(
    real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
) -> Float[Tensor, ""]:
    """Return ``1/2 E (D(x) - b)^2 + 1/2 E (D(G(z)) - a)^2``.

    Args:
        real: outputs for real samples.
        fake: outputs for generated samples.
        targets: (b, a), the real one first; numbers or one per sample.
    """
    return 0.5 * (_squared_error(real, targets[0]) + _squared_error(fake, targets[1]))


def least_squares_g_loss(fake: Float[Tensor, " m"], c: float = 1.0) -> Float[Tensor, ""]:
    """Return ``1/2 E (D(G(z)) - c)^2``.

    Args:
        fake: outputs for generated samples.
        c: what the generator wants D to say.
    """
    return 0.5 * _squared_error(fake, c)


class LeastSquares(AdversarialLoss):
    """D minimises ``1/2 E (D(x) - b)^2 + 1/2 E (D(G(z)) - a)^2``, G minimises ``1/2 E (D(G(z)) - c)^2``.

    b and a are the discriminator's targets for real and for generated samples, 1 and 0 unless a technique changes them.

    Args:
        c: what the generator wants D to say; any number, 1 in the paper's eq. 9, 0 in eq. 8.

    Example:
        >>> import torch
        >>> loss = LeastSquares()
        >>> float(loss.d_loss(torch.tensor([3.0]), torch.tensor([2.0]))), float(loss.g_loss(torch.tensor([3.0])))
        (4.0, 2.0)
    """

    uses_targets = True

    def __init__(self, c: float = 1.0) -> None:
        self.c = c

    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        return least_squares_d_loss(real, fake, targets)

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return least_squares_g_loss(fake, self.c)


def _squared_error(output: Tensor, target: Target) -> Tensor:
    if isinstance(target, Tensor):
        check_target_shape(output, target)
    return (output - target).square().mean()
