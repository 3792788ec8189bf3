"""The Wasserstein loss. It needs a discriminator of bounded slope: weight clipping, a penalty, or spectral norm.

Paper: Arjovsky et al. 2017, "Wasserstein generative adversarial networks", section 3, eq. 2 and algorithm 1,
    https://arxiv.org/abs/1701.07875.
"""

from jaxtyping import Float
from torch import Tensor

from gan_lightning.losses.base import AdversarialLoss, Target


def wasserstein_d_loss(real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``E D(G(z)) - E D(x)``: minus the estimate of the distance.

    Args:
        real: outputs for real samples.
        fake: outputs for generated samples.
    """
    return fake.mean() - real.mean()


def wasserstein_g_loss(fake: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``-E D(G(z))``.

    Args:
        fake: outputs for generated samples.
    """
    return -fake.mean()


class Wasserstein(AdversarialLoss):
    """D minimises ``E D(G(z)) - E D(x)``, G minimises ``-E D(G(z))``.

    Example:
        >>> import torch
        >>> float(Wasserstein().d_loss(torch.tensor([3.0]), torch.tensor([1.0])))
        -2.0
    """

    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        return wasserstein_d_loss(real, fake)

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return wasserstein_g_loss(fake)
