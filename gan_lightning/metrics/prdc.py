"""Precision, recall, density and coverage over any embedder.

Papers and formulas: ``gan_lightning.functional.prdc``.
"""

from torch import Tensor

from gan_lightning.functional import prdc
from gan_lightning.metrics.embedded import EmbeddedMetric, Embedder
from gan_lightning.metrics.samples import warn_of_few

FEW = 1000


class PRDC(EmbeddedMetric):
    """``precision`` and ``density``: how real generated samples look; ``recall`` and ``coverage``: what they reach.

    Compare figures of one embedder and one number of samples only; 10,000 of each are usual.

    Args:
        k: neighbours, at least 1; 5 in the paper of density and coverage.
        embedder: maps samples (N, ...) to vectors (N, D); None if samples are vectors.

    Raises:
        ValueError: if ``k`` is below 1; in ``update`` and ``compute``, see ``EmbeddedMetric``.

    Example:
        >>> import torch
        >>> metric = PRDC(k=1)
        >>> metric.update(torch.arange(2000.0)[:, None], real=True)
        >>> metric.update(torch.arange(1000.0)[:, None] + 0.1)
        >>> float(metric.compute()["coverage"])
        0.5...
    """

    def __init__(self, k: int = 5, embedder: Embedder | None = None) -> None:
        super().__init__(embedder)
        if k < 1:
            raise ValueError(f"k is {k}, expected at least 1 neighbour")
        self.k, self.fewest = k, k + 1

    def compute(self) -> dict[str, Tensor]:
        """Return the four figures of all samples since the last reset, each ()."""
        real, fake = self.vectors()
        why = "say little: neighbourhoods are too wide"
        warn_of_few("precision, recall, density and coverage", min(len(real), len(fake)), FEW, why)
        return prdc(real, fake, self.k)._asdict()
