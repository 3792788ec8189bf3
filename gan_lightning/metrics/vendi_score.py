"""How many different samples a generator makes, without real ones.

Paper: Friedman, Dieng 2022, "The Vendi score", definition 3.1, https://arxiv.org/abs/2210.02410
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from gan_lightning.metrics.embedded import EmbeddedMetric, Embedder


class VendiScore(EmbeddedMetric):
    """``vendi``: the effective number of different samples, from 1, all alike, to N, all unlike.

    The kernel is the cosine of the embedded samples, as in the paper, so that the eigenvalues of a D x D matrix are
    enough. With real samples (``update(samples, real=True)``) their score is ``vendi_real``. Noise scores high: read it
    beside a measure of quality, and for one number of samples only.

    Args:
        embedder: maps samples (N, ...) to vectors (N, D); None if samples are vectors.

    Raises:
        ValueError: in ``update`` and ``compute``, see ``EmbeddedMetric``.

    Example:
        >>> metric = VendiScore()
        >>> metric.update(torch.eye(3).repeat(5, 1))
        >>> round(float(metric.compute()["vendi"]), 4)
        3.0
    """

    higher_is_better = True
    needs_real = False

    def __init__(self, embedder: Embedder | None = None) -> None:
        super().__init__(embedder)

    def compute(self) -> dict[str, Tensor]:
        """Return the scores of all samples since the last reset, each ()."""
        real, fake = self.vectors()
        found = {"vendi": cosine_vendi_score(fake)}
        return found | ({"vendi_real": cosine_vendi_score(real)} if len(real) else {})


def cosine_vendi_score(points: Tensor) -> Tensor:
    """Return the exponential of the entropy of the eigenvalues of ``X X^T / N`` for the unit vectors X (N, D).

    Example:
        >>> round(float(cosine_vendi_score(torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [0.0, 1.0]]))), 4)
        2.0
    """
    unit = F.normalize(points.double(), dim=1)
    gram = (unit.T @ unit if points.shape[1] < len(points) else unit @ unit.T) / len(points)
    eigenvalues = torch.linalg.eigvalsh(gram).clamp_min(0)
    score: Tensor = torch.special.entr(eigenvalues / eigenvalues.sum()).sum().exp()
    return score
