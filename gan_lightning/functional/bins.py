"""How samples are spread over bins: what generated samples miss of the real ones, without labels.

Paper: Richardson, Weiss 2018, "On GANs and GMMs", section 3, https://arxiv.org/abs/1805.12462: bins from k-means of the
    real samples and the number of statistically different ones (NDB).

Differs: the paper counts bins that differ either way, and with few samples a healthy generator differs in half of them.
    What is missing is better told by their real mass, counted only where hardly anything of what is due arrived.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def bin_shares(points: Float[Tensor, "n d"], centers: Float[Tensor, "k d"]) -> Float[Tensor, " k"]:
    """Return the share of the points nearest to each centre; all NaN if a point is not finite.

    Args:
        points: samples, at least one.
        centers: of the bins.

    Example:
        >>> bin_shares(torch.tensor([[0.0], [0.4], [0.9], [0.1]]), torch.tensor([[0.0], [1.0]]))
        tensor([0.7500, 0.2500])
    """
    nearest = torch.cdist(points, centers, compute_mode="donot_use_mm_for_euclid_dist").argmin(1)
    counts = points.new_zeros(len(centers)).index_add_(0, nearest, points.new_ones(len(points)))
    return counts / len(points) + 0 * points.sum()  # bincount would synchronise


def share_distance(shares: Float[Tensor, " k"], other: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    """Return ``1/2 sum_k |p_k - q_k|``, the total variation, in [0, 1].

    Args:
        shares: of the bins.
        other: likewise.

    Example:
        >>> share_distance(torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0]))
        tensor(0.5000)
    """
    return 0.5 * (shares - other).abs().sum()


def missing_share(
    shares: Float[Tensor, " k"], due: Float[Tensor, " k"], num: int, below: float = 0.25, level: float = 0.05
) -> Float[Tensor, ""]:
    """Return the mass, under the due shares, of the bins in which far too few of ``num`` samples are; in [0, 1].

    A bin counts if it holds less than ``below`` of what is due and so few would come by chance (Poisson, one-sided)
    with a probability under ``level``. Bins for which less than three samples are due never count.

    Args:
        shares: of the generated samples in the bins.
        due: of the real samples.
        num: generated samples.
        below: what part of its due a bin may hold and still count as missing.
        level: of the test.

    Example:
        >>> missing_share(torch.tensor([0.74, 0.25, 0.01]), torch.tensor([0.5, 0.3, 0.2]), num=100)
        tensor(0.2000)
    """
    by_chance = torch.special.gammaincc(shares * num + 1, due * num)  # P(Poisson(due) <= count)
    missing = (shares < below * due) & (by_chance < level)
    mass: Tensor = (missing * due).sum()
    return mass + 0 * shares.sum()


def different_bins(
    shares: Float[Tensor, " k"], num: int, other: Float[Tensor, " k"], num_other: int, z: float = 1.96
) -> Float[Tensor, ""]:
    """Return the share of the bins whose two shares differ by more than ``z`` standard errors: NDB / K.

    Args:
        shares: of the generated samples in the bins.
        num: generated samples.
        other: shares of the real samples.
        num_other: real samples.
        z: 1.96 is the paper's level of 5 %.

    Example:
        >>> different_bins(torch.tensor([0.5, 0.5, 0.0]), 100, torch.tensor([0.5, 0.4, 0.1]), 100)
        tensor(0.3333)
    """
    pooled = (shares * num + other * num_other) / (num + num_other)
    error = (pooled * (1 - pooled) * (1 / num + 1 / num_other)).sqrt()
    differ = (shares - other).abs() > z * error
    return differ.to(shares.dtype).mean() + 0 * shares.sum()
