"""The hinge loss.

Paper: Lim and Ye 2017, "Geometric GAN", https://arxiv.org/abs/1705.02894; as used by Miyato et al. 2018,
    "Spectral normalization for generative adversarial networks", eq. 16 and 17, https://arxiv.org/abs/1802.05957.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from gan_lightning.losses.base import AdversarialLoss, Target


def hinge_d_loss(real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))``: nothing for samples beyond the margin.

    Args:
        real: outputs for real samples.
        fake: outputs for generated samples.
    """
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_g_loss(fake: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``-E D(G(z))``.

    Args:
        fake: outputs for generated samples.
    """
    return -fake.mean()


class Hinge(AdversarialLoss):
    """D minimises ``E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))``, G minimises ``-E D(G(z))``.

    Example:
        >>> import torch
        >>> float(Hinge().d_loss(torch.tensor([2.0, 0.0]), torch.tensor([-3.0, 0.0])))
        1.0
    """

    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        return hinge_d_loss(real, fake)

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return hinge_g_loss(fake)
