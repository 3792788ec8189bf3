"""Random loss of information in images: frequency bands, noise, a missing square.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", appendix B (image-space
    filtering, additive noise, cutout), https://arxiv.org/abs/2006.06676
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.normal import lognormal, normal
from gan_lightning.functional.augment.wavelets import band_matrices

EXPECTED_POWER = (10 / 13, 1 / 13, 1 / 13, 1 / 13)
"""Of natural images in the four bands, as the paper assumes from their 1/f spectrum."""


def filter_bands(
    x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 8"], p: Float[Tensor, ""]
) -> Float[Tensor, "n c h w"]:
    """Amplify or dampen four frequency bands, each with probability ``p``; the expected power of the image stays.

    Each factor is lognormal with deviation ``ln 2``; after each, all four are scaled to keep the expected power.

    Args:
        x: images.
        uniform: numbers in [0, 1): four gates, then four values, from the lowest band to the highest.
        p: probability in [0, 1].

    Example:
        >>> x = torch.rand(4, 1, 8, 8)
        >>> torch.equal(filter_bands(x, torch.rand(4, 8), torch.tensor(0.0)), x)
        True
    """
    on = uniform[:, :4] < p
    gain = band_gains(lognormal(uniform[:, 4:], 1.0).where(on, 1.0))
    down, across = (
        torch.einsum("nb,bij->nij", gain, band_matrices(size, x.device, x.dtype))[:, None] for size in x.shape[2:]
    )
    return (down @ x @ across.mT).where(on.any(1)[:, None, None, None], x)


def band_gains(factor: Float[Tensor, "n 4"]) -> Float[Tensor, "n 4"]:
    """Return the gains of the four bands after each factor in turn has been normalised by the expected power.

    Example:
        >>> band_gains(torch.ones(1, 4)).allclose(torch.ones(1, 4))
        True
    """
    # (N, turn, band): at the i-th turn only the i-th band has another factor than 1.
    turns = torch.where(torch.eye(4, dtype=torch.bool, device=factor.device), factor[:, :, None], 1.0)
    power = turns.square() @ factor.new_tensor(EXPECTED_POWER)
    return (turns / power.sqrt()[:, :, None]).prod(1)


def add_noise(
    x: Float[Tensor, "n *shape"], uniform: Float[Tensor, "n 2"], noise: Float[Tensor, "n *shape"], p: Float[Tensor, ""]
) -> Float[Tensor, "n *shape"]:
    """Add noise of deviation ``|N(0, 0.1^2)|`` to each sample, with probability ``p``.

    Args:
        x: samples of deviation 1 or so: images in [-1, 1], standardised vectors.
        uniform: numbers in [0, 1): the gate, and what decides the deviation.
        noise: standard normal.
        p: probability in [0, 1].

    Example:
        >>> x = torch.rand(4, 2)
        >>> torch.equal(add_noise(x, torch.rand(4, 2), torch.randn(4, 2), torch.tensor(0.0)), x)
        True
    """
    std = (0.1 * normal(uniform[:, 1]).abs()).where(uniform[:, 0] < p, 0.0)
    return x + std.view(-1, *[1] * (x.ndim - 1)) * noise


def cut_square(
    x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 3"], p: Float[Tensor, ""]
) -> Float[Tensor, "n c h w"]:
    """Set a rectangle of half the height and half the width to zero, with probability ``p``.

    Args:
        x: images.
        uniform: numbers in [0, 1): the gate, and the rectangle's centre in x and y; it may reach beyond the image.
        p: probability in [0, 1].

    Example:
        >>> cut_square(torch.ones(1, 1, 1, 4), torch.tensor([[0.0, 0.5, 0.5]]), torch.tensor(1.0))
        tensor([[[[1., 0., 0., 1.]]]])
    """
    height, width = x.shape[2:]
    across, down = (
        ((torch.arange(size, device=x.device) + 0.5) / size - centre[:, None]).abs() < 0.25
        for size, centre in ((width, uniform[:, 1]), (height, uniform[:, 2]))
    )
    hole = (down[:, :, None] & across[:, None, :]) & (uniform[:, 0] < p)[:, None, None]
    return x.masked_fill(hole[:, None], 0.0)
