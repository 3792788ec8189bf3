"""The number of statistically different bins: which parts of the data a generator makes too rarely or too often.

Paper: Richardson, Weiss 2018, "On GANs and GMMs", section 3, https://arxiv.org/abs/1805.12462
"""

import torch
from torch import Tensor

from gan_lightning.functional import bin_shares, different_bins
from gan_lightning.metrics.embedded import EmbeddedMetric, Embedder, ordered

PER_BIN = 10


class NDB(EmbeddedMetric):
    """``ndb``: share of the k-means bins of the real samples whose shares differ by a test at 5 %; and ``js``.

    ``js`` is the Jensen-Shannon divergence of the shares in nats, in [0, log 2]. Of perfect samples, .05 of the bins
    differ by chance.

    Args:
        num_bins: K, at least 2; 100 in the paper, which asks for many samples in each.
        embedder: maps samples (N, ...) to vectors (N, D); None if samples are vectors (pixels, in the paper).

    Raises:
        ValueError: if ``num_bins < 2``; in ``compute``, if there are fewer than 10 real or generated samples per bin;
            see also ``EmbeddedMetric``.

    Example:
        >>> metric = NDB(num_bins=2)
        >>> metric.update(torch.tensor([[0.0], [1.0]]).repeat(50, 1), real=True)
        >>> metric.update(torch.zeros(50, 1))
        >>> float(metric.compute()["ndb"])
        1.0
    """

    higher_is_better = False

    def __init__(self, num_bins: int = 100, embedder: Embedder | None = None) -> None:
        super().__init__(embedder)
        if num_bins < 2:
            raise ValueError(f"num_bins is {num_bins}, expected at least 2")
        self.num_bins, self.fewest = num_bins, PER_BIN * num_bins

    def compute(self) -> dict[str, Tensor]:
        """Return the figures of all samples since the last reset, each ()."""
        real, fake = self.vectors()
        centers = _centers(ordered(real), self.num_bins)
        due, shares = bin_shares(real, centers), bin_shares(fake, centers)
        mean = (due + shares) / 2
        js = sum(torch.special.xlogy(each, each / mean).nansum() for each in (due, shares)) / 2
        return {"ndb": different_bins(shares, len(fake), due, len(real)), "js": torch.as_tensor(js)}


def _centers(points: Tensor, num_bins: int) -> Tensor:
    """Return centres of k-means, the same for the same samples in the same order."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        found = KMeans(num_bins, n_init=1, random_state=0).fit(points.cpu().double().numpy())
    return torch.as_tensor(found.cluster_centers_, dtype=points.dtype, device=points.device)
