"""The kernel distance between embedded samples: KID, if Inception embeds them.

Paper: Binkowski et al. 2018, "Demystifying MMD GANs", section 4, https://arxiv.org/abs/1801.01401.
The unbiased estimate is torchmetrics'.
"""

import torch
from torch import Tensor
from torchmetrics.image.kid import poly_mmd

from gan_lightning.isolation import seeded
from gan_lightning.metrics.embedded import EmbeddedMetric, Embedder, ordered


class KID(EmbeddedMetric):
    """``kid``: squared maximum mean discrepancy under ``(x y / D + 1)^3``, mean over random subsets; and ``kid_std``.

    Its mean does not depend on the number of samples, so that a few thousand tell something. The subsets are the same
    each time.

    Args:
        subset_size: samples per subset, at least 2; 1,000 in the paper.
        num_subsets: at least 1; 100 in the paper.
        embedder: maps samples (N, ...) to vectors (N, D), such as ``Inception()``; None if samples are vectors.

    Raises:
        ValueError: if a number is too small; in ``compute``, if there are fewer than ``subset_size`` of each; see also
            ``EmbeddedMetric``.

    Example:
        >>> metric = KID(subset_size=50, num_subsets=10)
        >>> points = torch.randn(100, 4)
        >>> metric.update(points, real=True)
        >>> metric.update(points + 3)
        >>> bool(metric.compute()["kid"] > 1)
        True
    """

    higher_is_better = False

    def __init__(self, subset_size: int = 1000, num_subsets: int = 100, embedder: Embedder | None = None) -> None:
        super().__init__(embedder)
        if subset_size < 2 or num_subsets < 1:
            raise ValueError(f"expected subset_size >= 2 and num_subsets >= 1, got {subset_size} and {num_subsets}")
        self.fewest = subset_size
        self.subset_size, self.num_subsets = subset_size, num_subsets

    def compute(self) -> dict[str, Tensor]:
        """Return mean and standard deviation over the subsets, each ()."""
        real, fake = (ordered(each).double() for each in self.vectors())
        with seeded(0, real.device):
            found = torch.stack([poly_mmd(self._some(real), self._some(fake)) for _ in range(self.num_subsets)])
        return {"kid": found.mean(), "kid_std": found.std(correction=0)}

    def _some(self, vectors: Tensor) -> Tensor:
        return vectors[torch.randperm(len(vectors), device=vectors.device)[: self.subset_size]]
