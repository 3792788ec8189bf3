"""The Frechet distance between two Gaussians fitted to embedded samples: FID, if Inception embeds them.

Paper: Heusel et al. 2017, "GANs trained by a two time-scale update rule", equation 6, https://arxiv.org/abs/1706.08500.
The sums, in double precision, and the distance are torchmetrics'.
"""

from typing import Any

from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_lightning.metrics.embedded import Embedder, details_of, embedded
from gan_lightning.metrics.samples import TakesSamples

FEW = 10_000


class FID(TakesSamples, FrechetInceptionDistance):
    """``fid``: ``|m_r - m_f|^2 + tr(C_r + C_f - 2 (C_r C_f)^(1/2))`` of real and generated samples; lower is better.

    It falls with the number of samples: 50,000 are usual, and figures of fewer are larger. Compare those of one
    embedder, one number of samples and one split only. With another embedder than Inception it is a Frechet distance,
    and not what papers call FID. Memory does not grow with the samples.

    Args:
        embedder: maps samples (N, ...) to vectors (N, D), such as ``Inception()``; None if samples are vectors.
        num_features: D; asked of ``embedder.num_features`` if None.

    Raises:
        ValueError: if D is not known; in ``update``, see ``EmbeddedMetric``; in ``compute``, if there are fewer than 2
            of each.

    Example:
        >>> import torch
        >>> metric = FID(num_features=1)
        >>> points = torch.randn(10_000, 1)
        >>> metric.update(points, real=True)
        >>> metric.update(points + 1)
        >>> round(float(metric.compute()["fid"]), 4)
        1.0
    """

    fewest = 2

    def __init__(self, embedder: Embedder | None = None, num_features: int | None = None) -> None:
        size = getattr(embedder, "num_features", None) if num_features is None else num_features
        if size is None:
            raise ValueError("how long the vectors are is not known: pass num_features")
        super().__init__(feature=_Vectors(size), normalize=True)
        self.embedder, self.num_features = embedder, int(size)

    def update(self, imgs: Tensor, real: bool = False) -> None:
        """Take in generated samples (N, ...), or real ones."""
        self.check(imgs)
        if not len(imgs):
            return
        vectors = embedded(imgs, self.embedder)
        if vectors.shape[1] != self.num_features:
            raise ValueError(
                f"the samples have vectors of {vectors.shape[1]} numbers, expected num_features={self.num_features}"
            )
        super().update(vectors.double(), real)

    def compute(self) -> dict[str, Tensor]:  # type: ignore[override]
        """Return the distance of all samples since the last reset, ()."""
        counts = {"real": int(self.real_features_num_samples), "generated": int(self.fake_features_num_samples)}
        for name, count in counts.items():
            if count < self.fewest:
                raise ValueError(f"a Frechet distance needs 2 {name} samples at least, got {count}: update first")
        if min(counts.values()) < max(FEW, self.num_features):
            rank_zero_warn(
                f"a Frechet distance of {counts['real']:,} real and {counts['generated']:,} generated samples, whose "
                f"vectors have {self.num_features:,} numbers, is too large and not to be compared with published ones "
                "(50,000): give more samples, or use KID, whose mean does not depend on their number"
            )
        return {"fid": super().compute()}

    @property
    def details(self) -> dict[str, Any]:
        """What a figure has to be read with: numbers of samples, and what embeds them."""
        counts = int(self.fake_features_num_samples), int(self.real_features_num_samples)
        return details_of(self.embedder, *counts)


class _Vectors(nn.Module):
    """Vectors as they are, which torchmetrics takes for features."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, x: Tensor) -> Tensor:
        return x
