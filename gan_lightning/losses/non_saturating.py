"""The non-saturating loss, the usual form of the original GAN.

Paper: Goodfellow et al. 2014, "Generative adversarial networks", section 3: train G to maximise log D(G(z)),
    https://arxiv.org/abs/1406.2661. Soft targets: Salimans et al. 2016, section 3.4, https://arxiv.org/abs/1606.03498.
"""

from jaxtyping import Float
from torch import Tensor

from gan_lightning.losses.base import AdversarialLoss, Target
from gan_lightning.losses.cross_entropy import cross_entropy


def non_saturating_d_loss(
    real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
) -> Float[Tensor, ""]:
    """Return ``CE(D(x), t_real) + CE(D(G(z)), t_fake)``, where CE is the cross entropy.

    With the targets 1 and 0 this is ``-E log s(D(x)) - E log(1 - s(D(G(z))))``.

    Args:
        real: logits of real samples.
        fake: logits of generated samples.
        targets: t_real and t_fake in [0, 1], numbers or one per sample.
    """
    return cross_entropy(real, targets[0]) + cross_entropy(fake, targets[1])


def non_saturating_g_loss(fake: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``-E log s(D(G(z)))``, steep where the discriminator is sure.

    Args:
        fake: logits of generated samples.
    """
    return cross_entropy(fake, 1.0)


class NonSaturating(AdversarialLoss):
    """D minimises ``-E log s(D(x)) - E log(1 - s(D(G(z))))``, G minimises ``-E log s(D(G(z)))``; s is the sigmoid.

    Example:
        >>> import torch
        >>> float(NonSaturating().g_loss(torch.zeros(3))) == torch.tensor(2.0).log().item()
        True
    """

    uses_targets = True
    probabilistic = True

    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        return non_saturating_d_loss(real, fake, targets)

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return non_saturating_g_loss(fake)
