"""Relativistic losses: the discriminator says whether a real sample is more real than a generated one.

Paper: Jolicoeur-Martineau 2018, "The relativistic discriminator: a key element missing from standard GAN", section 4
    (RSGAN for pairs, RaSGAN for averages), https://arxiv.org/abs/1807.00734.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from gan_lightning.distributed.mean_over_ranks import mean_over_ranks
from gan_lightning.losses.base import AdversarialLoss, Target
from gan_lightning.losses.cross_entropy import cross_entropy


def relativistic_paired_loss(better: Float[Tensor, " n"], worse: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``-E log s(better_i - worse_i)``, where the i-th samples form a pair.

    Args:
        better: logits of the samples that the player wants on top: the real ones for D, the generated ones for G.
        worse: logits of the others, as many.

    Raises:
        ValueError: if the shapes differ.
    """
    check_pairs(better, worse)
    return cross_entropy(better - worse, 1.0)


def relativistic_average_loss(better: Float[Tensor, " n"], worse: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Return ``-E log s(better - E worse) - E log(1 - s(worse - E better))``, the averages taken over all ranks.

    Args:
        better: logits of the samples that the player wants on top: the real ones for D, the generated ones for G.
        worse: logits of the others.
    """
    above = better - mean_over_ranks(worse.mean())
    below = worse - mean_over_ranks(better.mean())
    return F.softplus(-above).mean() + F.softplus(below).mean()


class RelativisticPaired(AdversarialLoss):
    """D minimises ``-E log s(D(x) - D(G(z)))``, G minimises ``-E log s(D(G(z)) - D(x))``, in pairs.

    Raises:
        ValueError: from ``d_loss`` and ``g_loss``, if there are not as many real as generated samples.

    Example:
        >>> import torch
        >>> loss, real, fake = RelativisticPaired(), torch.tensor([1.0, 5.0]), torch.tensor([1.0, 5.0])
        >>> float(loss.d_loss(real, fake)) == torch.tensor(2.0).log().item()  # only the difference counts
        True
    """

    relativistic = True

    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        return relativistic_paired_loss(real, fake)

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return relativistic_paired_loss(fake, _needed(real))


class RelativisticAverage(AdversarialLoss):
    """Compare each sample with the average of the other kind.

    D minimises ``-E log s(D(x) - E D(G(z))) - E log(1 - s(D(G(z)) - E D(x)))``, G the same with the kinds exchanged.
    The averages go over all processes and carry gradients, so that W ranks with batch n equal one with batch W n.

    Example:
        >>> import torch
        >>> loss = RelativisticAverage()
        >>> float(loss.d_loss(torch.full((3,), 7.0), torch.full((2,), 7.0))) == 2 * torch.tensor(2.0).log().item()
        True
    """

    relativistic = True

    def d_loss(
        self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"], targets: tuple[Target, Target] = (1.0, 0.0)
    ) -> Float[Tensor, ""]:
        return relativistic_average_loss(real, fake)

    def g_loss(self, fake: Float[Tensor, " m"], real: Float[Tensor, " n"] | None = None) -> Float[Tensor, ""]:
        return relativistic_average_loss(fake, _needed(real))


def check_pairs(one: Tensor, other: Tensor) -> None:
    """Raise ``ValueError`` unless the i-th entries form pairs: (n,) and (1,) or (n, 1) would broadcast."""
    if one.shape != other.shape:
        raise ValueError(
            f"a paired relativistic loss got logits of shapes {tuple(one.shape)} and {tuple(other.shape)}: give as "
            "many generated as real samples, one logit (n,) each, or use RelativisticAverage, which takes any counts"
        )


def _needed(real: Tensor | None) -> Tensor:
    if real is None:
        raise ValueError(
            "the generator's loss is relativistic and got no real logits: pass the discriminator's logits of real "
            "samples as g_loss(fake, real)"
        )
    return real
