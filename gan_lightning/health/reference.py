"""The user's own data as a yardstick: an embedding and bins in which generated samples are counted.

Own study behind the choice: among 30 label-free signals, the histogram of the samples over k-means bins of the real
ones tells collapse best. The bins: Richardson, Weiss 2018 (NDB), section 3, https://arxiv.org/abs/1805.12462
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

SIDE, LENGTH = 16, 256
COMPONENTS, BINS = 16, 32


def flattened(x: Tensor) -> Tensor:
    """Return samples (N, ...) as float32 vectors (N, D): images averaged down to 16 x 16, signals to 256 points.

    Example:
        >>> flattened(torch.zeros(4, 3, 64, 64)).shape
        torch.Size([4, 768])
    """
    x = x.detach().float()
    if x.ndim == 4 and max(x.shape[2:]) > SIDE:
        x = F.adaptive_avg_pool2d(x, (min(SIDE, x.shape[2]), min(SIDE, x.shape[3])))
    elif x.ndim == 3 and x.shape[2] > LENGTH:
        x = F.adaptive_avg_pool1d(x, LENGTH)
    return x.flatten(1)


class Reference:
    """An embedding of samples and bins in it, both fitted to real samples, and the real samples' shares of the bins.

    The shares follow the data slowly, for an augmentation may change them while it trains.

    Args:
        mean: of the vectors, (D,).
        components: to the embedding, (D, E).
        centers: of the bins in the embedding, (K, E).
        shares: of the real samples in the bins, (K,).
    """

    FOLLOW = 0.25
    """Weight of a window's shares against those so far."""

    def __init__(self, mean: Tensor, components: Tensor, centers: Tensor, shares: Tensor) -> None:
        self.mean, self.components, self.centers, self.shares = mean, components, centers, shares

    @classmethod
    def fit(cls, vectors: Tensor) -> "Reference":
        """Fit principal components and k-means to real vectors (N, D); the same for the same input."""
        from sklearn.cluster import KMeans

        mean = vectors.mean(0)
        centred = vectors - mean
        if vectors.shape[1] > COMPONENTS:
            components = torch.linalg.svd(centred, full_matrices=False).Vh[:COMPONENTS].T.contiguous()
        else:
            components = torch.eye(vectors.shape[1], device=vectors.device)
        points = centred @ components
        num_bins = max(2, min(BINS, len(points.unique(dim=0)), len(points) // 16))
        found = KMeans(num_bins, n_init=1, random_state=0).fit(points.cpu().numpy())
        centers = torch.as_tensor(found.cluster_centers_, dtype=points.dtype, device=points.device)
        reference = cls(mean, components, centers, torch.zeros(num_bins))
        reference.shares = reference.histogram(points)
        return reference

    def embed(self, vectors: Tensor) -> Tensor:
        """Map vectors (N, D) to the embedding, (N, E)."""
        return (vectors - self.mean) @ self.components

    def histogram(self, points: Tensor) -> Tensor:
        """Return the shares (K,) of points (N, E) in the bins; NaN if a point is not finite."""
        nearest = torch.cdist(points, self.centers).argmin(1)
        shares = torch.bincount(nearest, minlength=len(self.centers)).to(points.dtype) / len(points)
        return shares + 0 * points.sum()

    def follow(self, shares: Tensor) -> None:
        """Let the real samples' shares drift towards those of a window."""
        self.shares = torch.lerp(self.shares, shares, self.FOLLOW)

    def state_dict(self) -> dict[str, Any]:
        names = ("mean", "components", "centers", "shares")
        return {name: getattr(self, name) for name in names}
