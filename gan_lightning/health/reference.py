"""The user's own data as a yardstick: an embedding and bins in which generated samples are counted.

Own study behind the choice: among 30 label-free signals, the histogram of the samples over k-means bins of the real
ones tells collapse best. The bins: Richardson, Weiss 2018 (NDB), section 3, https://arxiv.org/abs/1805.12462
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gan_lightning.functional import bin_shares

SIDE, LENGTH, FRAMES = 16, 256, 4
COMPONENTS, BINS, PER_BIN = 16, 32, 16
SPARE, ITERATIONS = 8, 6


def flattened(x: Tensor) -> Tensor:
    """Return samples (N, ...) as float32 vectors (N, D), large ones averaged down.

    Images to 16 x 16, signals to 256 points, videos (N, C, T, H, W) to 4 frames of 16 x 16.

    Example:
        >>> flattened(torch.zeros(4, 3, 64, 64)).shape
        torch.Size([4, 768])
    """
    x = x.detach().float()
    if x.ndim == 4 and max(x.shape[2:]) > SIDE:
        x = F.adaptive_avg_pool2d(x, (min(SIDE, x.shape[2]), min(SIDE, x.shape[3])))
    elif x.ndim == 3 and x.shape[2] > LENGTH:
        x = F.adaptive_avg_pool1d(x, LENGTH)
    elif x.ndim == 5 and max(x.shape[3:]) > SIDE:
        x = F.adaptive_avg_pool3d(x, (min(FRAMES, x.shape[2]), min(SIDE, x.shape[3]), min(SIDE, x.shape[4])))
    return x[:, None] if x.ndim == 1 else x.flatten(1)


class Reference:
    """An embedding of samples and bins in it, both fitted to real samples, and the real samples' shares of the bins.

    The shares follow the data slowly, for an augmentation may change them while it trains.

    Args:
        mean: of the vectors, (D,).
        components: to the embedding, (D, E).
        centers: of the bins in the embedding, (K, E).
        shares: of the real samples in the bins, (K,).

    Example:
        >>> reference = Reference.fit(torch.tensor([[0.0], [1.0]]).repeat(64, 1))
        >>> reference.histogram(torch.ones(4, 1)).sort().values
        tensor([0., 1.])
    """

    FOLLOW = 0.25
    """Weight of a window's shares against those so far."""

    def __init__(self, mean: Tensor, components: Tensor, centers: Tensor, shares: Tensor) -> None:
        self.mean, self.components, self.centers, self.shares = mean, components, centers, shares

    @classmethod
    def fit(cls, vectors: Tensor) -> "Reference":
        """Fit principal components and k-means to real vectors (N, D); the same for the same input.

        It runs on the CPU in double precision and draws nothing from the global generators. Vectors that are not
        finite are left out. There are as many bins as 16 samples for each allow, at least 2, at most ``BINS``.

        Raises:
            ValueError: if no vector is finite.
        """
        points = vectors.detach().cpu().double()
        points = points[points.isfinite().all(1)]
        if not len(points):
            raise ValueError(
                f"none of the {len(vectors)} real samples is finite, so there is nothing to compare generated samples "
                "with: look at the data, or at the embedder"
            )
        mean = points.mean(0)
        points = points - mean
        components = _components(points)
        points = points @ components
        centers = _centers(points)
        shares = bin_shares(points, centers)
        return cls(*(each.to(vectors.device, torch.float32) for each in (mean, components, centers, shares)))

    def embed(self, vectors: Tensor) -> Tensor:
        """Map vectors (N, D) to the embedding, (N, E)."""
        return (vectors.float() - self.mean) @ self.components

    def histogram(self, points: Tensor) -> Tensor:
        """Return the shares (K,) of points (N, E) in the bins; NaN if a point is not finite."""
        return bin_shares(points, self.centers)

    def follow(self, shares: Tensor) -> None:
        """Let the real samples' shares drift towards those of a window, unless these are unknown."""
        self.shares = torch.where(shares.isfinite(), torch.lerp(self.shares, shares, self.FOLLOW), self.shares)

    def state_dict(self) -> dict[str, Any]:
        names = ("mean", "components", "centers", "shares")
        return {name: getattr(self, name) for name in names}


def _components(centred: Tensor) -> Tensor:
    """Return the first principal components (D, E) by subspace iteration; the identity where there are few dimensions.

    Halko, Martinsson, Tropp 2011, algorithm 4.4, https://arxiv.org/abs/0909.4061: a sixth of the time of an SVD.
    """
    size = centred.shape[1]
    if size <= COMPONENTS:
        return torch.eye(size, dtype=centred.dtype)
    columns = min(size, len(centred), COMPONENTS + SPARE)
    basis = torch.randn(size, columns, dtype=centred.dtype, generator=torch.Generator().manual_seed(0))
    for _ in range(ITERATIONS):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
    rotation = torch.linalg.svd(centred @ basis, full_matrices=False).Vh.T
    components: Tensor = basis @ rotation
    return components[:, :COMPONENTS].contiguous()


def _centers(points: Tensor) -> Tensor:
    """Return the centres of k-means, on one thread: sums over several depend on their number."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    distinct = len(np.unique(points.numpy().round(9), axis=0))
    num_bins = min(BINS, distinct, max(2, len(points) // PER_BIN))
    with threadpool_limits(1):
        found = KMeans(num_bins, n_init=1, random_state=0).fit(points.numpy())
    return torch.as_tensor(found.cluster_centers_, dtype=points.dtype)
