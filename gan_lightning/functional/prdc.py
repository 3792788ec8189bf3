"""How real samples look and how much of the data they reach: precision, recall, density and coverage.

Paper: Kynkaanniemi et al. 2019, "Improved precision and recall metric", section 2, https://arxiv.org/abs/1904.06991.
    Naeem et al. 2020, "Reliable fidelity and diversity metrics", section 3, https://arxiv.org/abs/2002.09797
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

CHUNK = 1_000_000
"""Distances that are held at once: 4 MB."""
FEW_DIMENSIONS = 32
"""Up to which distances are computed one by one; beyond, by a product of matrices, which is many times faster."""


class PRDCScores(NamedTuple):
    """The four figures, each ().

    Args:
        precision: share of generated samples within the k-th neighbour's distance of some real sample, in [0, 1].
        recall: share of real samples within that of some generated sample, in [0, 1].
        density: number of real samples whose neighbourhood a generated one is in, over k; 1 for perfect samples.
        coverage: share of real samples whose neighbourhood holds a generated one, in [0, 1].
    """

    precision: Tensor
    recall: Tensor
    density: Tensor
    coverage: Tensor


def prdc(real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"], k: int = 5) -> PRDCScores:
    """Return precision, recall, density and coverage; in chunks, so that memory does not grow with N M.

    Of samples from one distribution, as many of each, precision and recall are well below 1 (.48 and .47 for 10,000 of
    1,000 dimensions), density is about 1 and coverage ``1 - 2^-k``.

    Args:
        real: embedded real samples, more than k.
        fake: embedded generated samples, more than k.
        k: neighbours, at least 1; 5 in the second paper, 3 in the first.

    Raises:
        ValueError: if there are not more than ``k`` of each, or a number is not finite.

    Example:
        >>> points = torch.arange(10.0)[:, None]
        >>> [float(each) for each in prdc(points, points + 0.1, k=1)]
        [1.0, 1.0, 1.9, 1.0]
    """
    for name, points in (("real", real), ("generated", fake)):
        if len(points) <= k:
            raise ValueError(f"got {len(points)} {name} samples, expected more than k = {k}: give thousands")
        if not points.isfinite().all():
            raise ValueError(f"some {name} samples are NaN or infinite: look at them, and at the embedder")
    center = real.mean(0)
    real, fake = real - center, fake - center
    reach_real, reach_fake = _reach(real, k), _reach(fake, k)
    inside = torch.zeros(len(fake), dtype=torch.long, device=fake.device)
    recalled, covered = torch.zeros(2, len(real), dtype=torch.bool, device=real.device)
    for rows, apart in _distances(real, fake):
        within = apart < reach_real[rows, None]
        inside += within.sum(0)
        covered[rows] = within.any(1)
        recalled[rows] = (apart < reach_fake).any(1)
    shares = [each.double().mean() for each in (recalled, covered)]
    return PRDCScores((inside > 0).double().mean(), shares[0], inside.double().mean() / k, shares[1])


def _reach(points: Tensor, k: int) -> Tensor:
    """Return the distance of each point to its k-th neighbour, (N,)."""
    reach = points.new_empty(len(points))
    for rows, apart in _distances(points, points):
        reach[rows] = apart.topk(k + 1, dim=1, largest=False).values[:, -1]
    return reach


def _distances(points: Tensor, other: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Yield some rows, and their distances to all others, (C, M)."""
    size = max(1, CHUNK // len(other))
    between = _one_by_one if points.shape[1] <= FEW_DIMENSIONS else _by_product
    for begin in range(0, len(points), size):
        rows = slice(begin, begin + size)
        yield rows, between(points[rows], other)


def _one_by_one(points: Tensor, other: Tensor) -> Tensor:
    return torch.cdist(points, other, compute_mode="donot_use_mm_for_euclid_dist")


def _by_product(points: Tensor, other: Tensor) -> Tensor:
    """Return what ``torch.cdist`` does, which copies all points for each of its products."""
    squares, others = points.square().sum(1, keepdim=True), other.square().sum(1)
    apart: Tensor = torch.addmm(others, points, other.T, alpha=-2).add_(squares)
    return apart.clamp_min_(0).sqrt_()
