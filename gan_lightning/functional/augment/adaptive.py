"""The published sets of transformations as one function: categories in their order, each with the probability p.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", section 2.2 and appendix B,
    https://arxiv.org/abs/2006.06676
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.affine import blit_map, followed_by, geometry_map
from gan_lightning.functional.augment.color import change_color
from gan_lightning.functional.augment.corruption import add_noise, cut_square, filter_bands
from gan_lightning.functional.augment.vectors import rotate_in_plane
from gan_lightning.functional.augment.warp import copy_pixels, warp_smoothly

CATEGORIES = {"blit": 7, "geometry": 11, "color": 10, "filter": 8, "noise": 2, "cutout": 3}
"""The categories in the order in which they are applied, and how many uniform numbers each takes per image."""


def augment_images(
    x: Float[Tensor, "n c h w"],
    p: Float[Tensor, ""],
    uniform: Float[Tensor, "n k"],
    policy: Sequence[str],
    noise: Float[Tensor, "n c h w"] | None = None,
) -> Float[Tensor, "n c h w"]:
    """Transform images, each transformation of each image with probability ``p``; differentiable twice.

    Args:
        x: images in [-1, 1].
        p: probability in [0, 1].
        uniform: numbers in [0, 1), as many per image as ``CATEGORIES`` says of the policy.
        policy: names out of ``CATEGORIES``; they are applied in the order there.
        noise: standard normal; needed if the policy has "noise".

    Raises:
        ValueError: if ``uniform`` has another size than the policy takes, "noise" has none, or "color" gets neither
            one nor three channels.

    Example:
        >>> import torch
        >>> x = torch.rand(4, 3, 8, 8)
        >>> torch.equal(augment_images(x, torch.tensor(0.0), torch.rand(4, 28), ["blit", "geometry", "color"]), x)
        True
    """
    counts = [count if name in policy else 0 for name, count in CATEGORIES.items()]
    if uniform.shape[1] != sum(counts):
        raise ValueError(f"the policy {list(policy)} takes {sum(counts)} uniform numbers, got {uniform.shape[1]}")
    parts = torch.split(uniform, counts, dim=1)
    given = dict(zip(CATEGORIES, parts, strict=True))
    x = _move(x, p, given, policy)
    if "color" in policy:
        x = change_color(x, given["color"], p)
    if "filter" in policy:
        x = filter_bands(x, given["filter"], p)
    if "noise" in policy:
        if noise is None:
            raise ValueError("the policy has 'noise': pass standard normal numbers of the images' shape as noise")
        x = add_noise(x, given["noise"], noise, p)
    return cut_square(x, given["cutout"], p) if "cutout" in policy else x


def _move(x: Tensor, p: Tensor, given: dict[str, Tensor], policy: Sequence[str]) -> Tensor:
    """Compose blitting and geometry into one warp; images that are only blitted keep their pixels' values."""
    size = (int(x.shape[2]), int(x.shape[3]))
    blit = blit_map(given["blit"], p, *size) if "blit" in policy else None
    if "geometry" not in policy:
        return x if blit is None else copy_pixels(x, blit)
    geometry, moved = geometry_map(given["geometry"], p, *size)
    both = geometry if blit is None else followed_by(blit, geometry)
    still = x if blit is None else copy_pixels(x, blit)
    return warp_smoothly(x, both).where(moved[:, None, None, None], still)


def augment_vectors(
    x: Float[Tensor, "n f"],
    p: Float[Tensor, ""],
    uniform: Float[Tensor, "n 4"],
    directions: Float[Tensor, "n 2 f"],
    noise: Float[Tensor, "n f"],
) -> Float[Tensor, "n f"]:
    """Rotate vectors in random planes and add noise, each with probability ``p``.

    Args:
        x: vectors; centred and of deviation 1 or so.
        p: probability in [0, 1].
        uniform: numbers in [0, 1): gate and angle, gate and deviation.
        directions: standard normal.
        noise: standard normal.

    Example:
        >>> import torch
        >>> x = torch.rand(4, 2)
        >>> uniform, directions, noise = torch.rand(4, 4), torch.randn(4, 2, 2), torch.randn(4, 2)
        >>> torch.equal(augment_vectors(x, torch.tensor(0.0), uniform, directions, noise), x)
        True
    """
    angle = ((2 * uniform[:, 1] - 1) * math.pi).where(uniform[:, 0] < p, 0.0)
    return add_noise(rotate_in_plane(x, directions, angle), uniform[:, 2:], noise, p)
