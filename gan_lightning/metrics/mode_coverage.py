"""How many modes of a known mixture a generator has found, and what perfect samples would have.

Papers and rules: ``gan_lightning.functional.mode_coverage``.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

from gan_lightning.functional import (
    deviation_floor,
    kl_floor,
    mode_shares,
    mode_total_variation,
    modes_covered,
    reverse_kl,
)
from gan_lightning.metrics.embedded import details_of
from gan_lightning.metrics.samples import TakesSamples


class ModeCoverage(TakesSamples, Metric):
    """Count the modes of a mixture of isotropic Gaussians that samples reach, and how evenly.

    ``compute`` returns ``modes`` (those with 1 % of all samples), ``modes_by_one_sample``, ``valid`` (share of samples
    within three sigma of a centre), ``tv`` (total variation, invalid samples counted), ``reverse_kl`` in nats, and the
    last three with ``_perfect``: what as many samples of the mixture itself have on average.

    Args:
        centers: means of the modes, (K, D), or as a list of lists.
        sigma: standard deviation of each mode, above 0.
        within: how many of them from a centre a sample counts as valid; 3 in the papers.

    Raises:
        ValueError: if the centres are no (K, D) or ``sigma`` is not above 0; in ``update``, if the samples are not
            (N, D); in ``compute``, if there were none.

    Example:
        >>> metric = ModeCoverage([[0.0], [1.0]], sigma=0.1)
        >>> metric.update(torch.tensor([[0.0], [0.1], [0.9], [0.5]]))
        >>> found = metric.compute()
        >>> int(found["modes"]), float(found["valid"]), round(float(found["valid_perfect"]), 4)
        (2, 0.75, 0.9973)
    """

    is_differentiable = False
    higher_is_better = None
    full_state_update = False

    centers: Tensor
    nearest: Tensor
    valid: Tensor
    num: Tensor

    def __init__(self, centers: Tensor | Sequence[Sequence[float]], sigma: float, within: float = 3.0) -> None:
        super().__init__()
        points = torch.as_tensor(centers, dtype=torch.float32)
        if points.ndim != 2 or not points.numel():
            raise ValueError(f"the centres are {tuple(points.shape)}, expected (K, D), one row per mode")
        if not sigma > 0:
            raise ValueError(f"sigma is {sigma}, expected a standard deviation above 0")
        self.register_buffer("centers", points, persistent=False)
        self.sigma, self.within = sigma, within
        for name, size in (("nearest", (len(points),)), ("valid", (len(points),)), ("num", ())):
            self.add_state(name, torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, samples: Tensor) -> None:
        """Count samples (N, D); what is not finite is in no mode."""
        self.check(samples)
        if samples.ndim != 2 or samples.shape[1] != self.centers.shape[1]:
            raise ValueError(
                f"the samples are {tuple(samples.shape)}, expected (N, {self.centers.shape[1]}) as the centres are"
            )
        if not len(samples):
            return
        shares = mode_shares(samples.detach().float(), self.centers.float(), self.sigma, self.within)
        self.nearest += (shares.nearest * len(samples)).round().long()
        self.valid += (shares.valid * len(samples)).round().long()
        self.num += len(samples)

    def compute(self) -> dict[str, Tensor]:
        """Return the figures of all samples since the last reset, each ()."""
        num = int(self.num)
        if not num:
            raise ValueError("mode coverage needs samples, and there were none since the last reset: update first")
        valid, nearest = self.valid.double() / num, self.nearest.double() / num
        figures = {
            "modes": self.num.new_tensor(modes_covered(valid)),
            "modes_by_one_sample": self.num.new_tensor(modes_covered(valid, at_least=0.0)),
            "valid": valid.sum(),
            "tv": mode_total_variation(valid),
            "reverse_kl": reverse_kl(nearest),
        }
        return figures | self._perfect(num)

    @property
    def details(self) -> dict[str, Any]:
        """What the figures have to be read with."""
        return details_of(None, int(self.num), 0)

    def _perfect(self, num: int) -> dict[str, Tensor]:
        even = self.centers.new_full((len(self.centers),), 1 / len(self.centers), dtype=torch.float64)
        dimensions = even.new_tensor(self.centers.shape[1] / 2)
        inside = torch.special.gammainc(dimensions, even.new_tensor(self.within**2 / 2))  # of chi squared
        return {
            "valid_perfect": inside,
            "tv_perfect": 0.5 * (deviation_floor(num, inside * even, even) + 1 - inside),
            "reverse_kl_perfect": kl_floor(num, even),
        }
