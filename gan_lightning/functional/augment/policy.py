"""Differentiable augmentation by names.

Paper: Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training", section 3.3,
    https://arxiv.org/abs/2006.10738
Differs: the paper's transformations are for images; vectors get small rotations and noise instead.
"""

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.corruption import add_noise
from gan_lightning.functional.augment.differentiable import cut_half, jitter_color, translate
from gan_lightning.functional.augment.vectors import rotate_in_plane

CHANGES: dict[str, tuple[int, Callable[[Tensor, Tensor], Tensor]]] = {
    "color": (3, jitter_color),
    "translation": (2, translate),
    "cutout": (2, cut_half),
}
"""How many random numbers each takes per image, and what it does with them."""


def check_policy(policy: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a policy.

    Raises:
        ValueError: if a name is unknown, or named twice.

    Example:
        >>> check_policy(["color", "cutout"])
        ('color', 'cutout')
    """
    names = tuple(policy)
    if not {*names} <= {*CHANGES} or len({*names}) < len(names):
        raise ValueError(f"expected a policy of DiffAugment to name some of {[*CHANGES]}, each once, got {policy!r}")
    return names


def change_by_policy(
    x: Float[Tensor, "n *shape"], policy: Sequence[str], draw: Callable[..., Tensor]
) -> Float[Tensor, "n *shape"]:
    """Return samples changed by each transformation of the policy in turn, computed in float32 at least.

    Vectors are rotated by ``N(0, (pi/8)^2)`` in random planes and get noise of deviation ``|N(0, 0.1^2)|``, whatever
    the policy names; an empty policy changes nothing.

    Args:
        x: images (N, C, H, W) in [-1, 1], or vectors (N, F), centred and of deviation 1.
        policy: names, from ``check_policy``.
        draw: ``draw(torch.rand, x, 3)`` returns random numbers (N, 3) for ``x``.

    Raises:
        ValueError: if the samples are neither images nor vectors.

    Example:
        >>> def draw(sampler, like, *shape):
        ...     return sampler((len(like), *shape))
        >>> change_by_policy(torch.zeros(4, 1, 8, 8), ("color",), draw).shape
        torch.Size([4, 1, 8, 8])
    """
    if not policy:
        return x
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    if x.ndim == 2:
        normal, uniform = draw(torch.randn, wide, 3, x.shape[1]), draw(torch.rand, wide, 2)
        rotated = rotate_in_plane(wide, normal[:, :2], draw(torch.randn, wide) * (math.pi / 8))
        return add_noise(rotated, uniform, normal[:, 2], wide.new_ones(())).to(x.dtype)
    if x.ndim != 4:
        raise ValueError(
            f"DiffAugment takes images (N, C, H, W) or vectors (N, F), got samples of shape {tuple(x.shape)}: "
            "view them as one of these, or leave it out"
        )
    for name in policy:
        count, change = CHANGES[name]
        wide = change(wide, draw(torch.rand, wide, count))
    return wide.to(x.dtype)
