"""How far samples lie from each other: the plainest sign of a generator that repeats itself."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def distances(points: Float[Tensor, "n d"], other: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """Return Euclidean distances, exactly 0 between equal points.

    Args:
        points: samples.
        other: likewise.

    Example:
        >>> distances(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
        tensor([[5.]])
    """
    return torch.cdist(points, other, compute_mode="donot_use_mm_for_euclid_dist")


def pair_distance(apart: Float[Tensor, "n n"]) -> Float[Tensor, ""]:
    """Return the mean distance over all pairs of different points; NaN for fewer than two.

    Args:
        apart: distances between the points.

    Example:
        >>> points = torch.tensor([[0.0], [1.0], [3.0]])
        >>> pair_distance(distances(points, points))
        tensor(2.)
    """
    count = len(apart)
    return apart.sum() / (count * (count - 1) or float("nan"))


def duplicate_share(
    apart_fake: Float[Tensor, "m m"], apart_real: Float[Tensor, "n n"], within: float = 0.05
) -> Float[Tensor, ""]:
    """Return the share of the generated samples that have a near copy among the others; NaN if it has no scale.

    A near copy is closer than ``within`` times the median distance of real samples to the nearest unequal one: copies
    among the real samples, which small data sets have, do not change the scale.

    Args:
        apart_fake: distances between the generated samples.
        apart_real: distances between the real samples, about as many.
        within: fraction of the real distance.

    Example:
        >>> fake, real = torch.tensor([[0.0], [0.01], [5.0], [7.0]]), torch.tensor([[0.0], [1.0], [2.0]])
        >>> duplicate_share(distances(fake, fake), distances(real, real))
        tensor(0.5000)
    """
    nearest_real = apart_real.masked_fill(apart_real == 0, torch.inf).amin(1) + 0 * apart_real.sum()
    scale = nearest_real.nanmedian()
    nearest = apart_fake.masked_fill(_itself(apart_fake), torch.inf).amin(1)
    share = (nearest < within * scale).to(apart_fake.dtype).mean() + 0 * apart_fake.sum()
    return share.masked_fill(~scale.isfinite(), torch.nan)


def _itself(apart: Float[Tensor, "n n"]) -> Bool[Tensor, "n n"]:
    return torch.eye(len(apart), dtype=torch.bool, device=apart.device)
