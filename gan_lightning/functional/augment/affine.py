"""Random affine maps of images: where each pixel comes from.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", appendix B, figure 2 (pixel
    blitting and general geometric transformations), https://arxiv.org/abs/2006.06676. The paper multiplies the maps
    from the image to its warped version and inverts the product; here the inverses are multiplied, in reverse.

A map is (N, 2, 3): from a pixel's (column, row), counted from the image's centre, to that of its source. Random numbers
are arguments, uniform in [0, 1); a transformation takes place where its gate is below ``p``.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lightning.functional.augment.normal import lognormal, normal

Map = Float[Tensor, "n 2 3"]


def blit_map(uniform: Float[Tensor, "n 7"], p: Float[Tensor, ""], height: int, width: int) -> Map:
    """Draw what moves pixels without blending them: a flip, quarter turns, a shift by up to 1/8 in whole pixels.

    Args:
        uniform: the three gates; then flip or not, how many turns, the shifts in x and y.
        p: probability of each of the three, in [0, 1].
        height: of the images, in pixels.
        width: likewise.

    Example:
        >>> never = torch.tensor(0.0)
        >>> torch.equal(blit_map(torch.zeros(1, 7), never, 8, 8)[0], torch.eye(2, 3))  # each pixel stays
        True
    """
    flips, turns, shifts = (uniform[:, :3] < p).unbind(1)
    flip = torch.where(flips & (uniform[:, 3] < 0.5), -1.0, 1.0).to(uniform.dtype)
    quarters = torch.where(turns, (4 * uniform[:, 4]).floor(), 0.0)
    size = uniform.new_tensor([width, height])
    shift = torch.where(shifts[:, None], ((uniform[:, 5:] - 0.5) * 0.25 * size).round(), 0.0)
    turn = rotation(quarters * (math.pi / 2)).round()
    return shifted(turn * torch.stack([flip, torch.ones_like(flip)], 1)[:, :, None], shift)


def geometry_map(
    uniform: Float[Tensor, "n 11"], p: Float[Tensor, ""], height: int, width: int
) -> tuple[Map, Bool[Tensor, " n"]]:
    """Draw what blends pixels: isotropic scaling, rotation, anisotropic scaling, rotation, a shift by any distance.

    The scales are lognormal with deviation ``0.2 ln 2``, the angles uniform, the shifts normal with deviation 1/8 of
    the image. Each rotation has the probability ``1 - sqrt(1 - p)``, so that one of the two happens with p.

    Args:
        uniform: the five gates; then the values, in the order above, with two for the shift.
        p: probability of each, in [0, 1].
        height: of the images, in pixels.
        width: likewise.

    Returns:
        The map, and which images it moves at all.

    Example:
        >>> geometry_map(torch.zeros(1, 11), torch.tensor(0.0), 8, 8)[1]
        tensor([False])
    """
    p_rotation = 1 - (1 - p).sqrt()
    on = uniform[:, :5] < torch.stack([p, p_rotation, p, p_rotation, p])
    scale = lognormal(uniform[:, [5, 7]], 0.2).where(on[:, [0, 2]], 1.0)
    angle = ((2 * uniform[:, [6, 8]] - 1) * math.pi).where(on[:, [1, 3]], 0.0)
    size = uniform.new_tensor([width, height])
    shift = (normal(uniform[:, 9:]) * 0.125 * size).where(on[:, 4:], 0.0)
    turn = rotation(angle)
    stretch = torch.stack([scale[:, 1], 1 / scale[:, 1]], 1)
    linear = product(turn[:, 0] * stretch[:, None, :], turn[:, 1]) / scale[:, 0, None, None]
    return shifted(linear, shift), on.any(1)


def rotation(angle: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape 2 2"]:
    """Return the matrices that turn images counter-clockwise by angles in radians."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)


def shifted(linear: Float[Tensor, "n 2 2"], shift: Float[Tensor, "n 2"]) -> Map:
    """Return the map that applies ``linear`` to the source, and then moves the image by ``shift`` pixels."""
    return torch.cat([linear, -product(linear, shift[:, :, None])], 2)


def followed_by(first: Map, then: Map) -> Map:
    """Return the map of both, the image being transformed by ``first`` first."""
    both = product(first[:, :, :2], then)
    return torch.cat([both[:, :, :2], both[:, :, 2:] + first[:, :, 2:]], 2)


def product(a: Float[Tensor, "n i j"], b: Float[Tensor, "n j k"]) -> Float[Tensor, "n i k"]:
    """Return the matrix products, in full precision: neither autocast nor tensor cores may round positions."""
    return (a[:, :, :, None] * b[:, None]).sum(2)
