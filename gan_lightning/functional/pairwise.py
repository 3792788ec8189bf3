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


def pair_distance(points: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """Return the mean distance over all pairs of different points; NaN for fewer than two.

    Args:
        points: samples.

    Example:
        >>> pair_distance(torch.tensor([[0.0], [1.0], [3.0]]))
        tensor(2.)
    """
    count = len(points)
    return distances(points, points).sum() / (count * (count - 1) or float("nan"))


def duplicate_share(fake: Float[Tensor, "m d"], real: Float[Tensor, "n d"], within: float = 0.05) -> Float[Tensor, ""]:
    """Return the share of the generated samples that have a near copy among the others; NaN if it has no scale.

    A near copy is closer than ``within`` times the median distance of real samples to the nearest unequal one: copies
    among the real samples, which small data sets have, do not change the scale.

    Args:
        fake: generated samples.
        real: real samples, about as many.
        within: fraction of the real distance.

    Example:
        >>> duplicate_share(torch.tensor([[0.0], [0.01], [5.0], [7.0]]), torch.tensor([[0.0], [1.0], [2.0]]))
        tensor(0.5000)
    """
    apart = distances(real, real)
    nearest_real = apart.masked_fill(apart == 0, torch.inf).amin(1) + 0 * real.sum()
    scale = nearest_real.nanmedian()
    nearest = distances(fake, fake).masked_fill(_itself(fake), torch.inf).amin(1)
    share = (nearest < within * scale).to(fake.dtype).mean() + 0 * fake.sum()
    return share.masked_fill(~scale.isfinite(), torch.nan)


def _itself(points: Float[Tensor, "n d"]) -> Bool[Tensor, "n n"]:
    return torch.eye(len(points), dtype=torch.bool, device=points.device)
