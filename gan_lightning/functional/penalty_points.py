"""Where a gradient penalty looks: on the lines from generated to real samples, or around the real ones.

Paper: Gulrajani et al. 2017, "Improved training of Wasserstein GANs", section 4, https://arxiv.org/abs/1704.00028.
    Kodali et al. 2017, "On convergence and stability of GANs", https://arxiv.org/abs/1705.07215.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.distributed import mean_over_ranks


def points_between(
    real: Float[Tensor, "n *shape"], fake: Float[Tensor, "k *like"], share: Float[Tensor, " n"]
) -> Float[Tensor, "n *shape"]:
    """Return ``share_i real_i + (1 - share_i) fake_i``: one point on the line of each pair.

    One share per sample: with one per pixel the points would fill a box, and with one per batch the batch would see a
    single place of each line.

    Args:
        real: real samples.
        fake: as many generated samples, of the same shape.
        share: how much of the real sample is in each point, uniform in [0, 1] in the paper.

    Returns:
        A leaf that requires grad: nothing flows back to the samples.

    Raises:
        ValueError: if the samples have different shapes.

    Example:
        >>> points_between(torch.ones(2, 1), torch.zeros(2, 1), torch.tensor([0.25, 1.0])).flatten().tolist()
        [0.25, 1.0]
    """
    if real.shape != fake.shape:
        raise ValueError(
            f"cannot pair real samples of shape {tuple(real.shape)} with generated ones of shape {tuple(fake.shape)}: "
            "generate as many samples as there are real ones, in their shape"
        )
    dtype = torch.promote_types(real.dtype, fake.dtype)  # mixed precision makes half-precision fakes
    weight = share.to(dtype).view(-1, *[1] * (real.ndim - 1))
    return torch.lerp(fake.detach().to(dtype), real.detach().to(dtype), weight).requires_grad_()


def points_around(
    x: Float[Tensor, "n *shape"], noise: Float[Tensor, "n *shape"], scale: float
) -> Float[Tensor, "n *shape"]:
    """Return ``x + scale * s * noise``, where s is the standard deviation of all values in the batch of all ranks.

    Args:
        x: samples.
        noise: as many random numbers of variance 1.
        scale: standard deviation of what is added, in units of s.

    Returns:
        A leaf that requires grad: nothing flows back to the samples.

    Example:
        >>> x = torch.tensor([[-2.0], [2.0]])  # their standard deviation is 2
        >>> points_around(x, torch.ones(2, 1), scale=0.5).flatten().tolist()
        [-1.0, 3.0]
    """
    x = x.detach()
    centre = mean_over_ranks(x.mean())
    spread = mean_over_ranks((x - centre).square().mean()).sqrt()
    return torch.addcmul(x, noise, scale * spread).requires_grad_()
