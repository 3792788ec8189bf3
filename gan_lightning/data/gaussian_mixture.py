"""Mixtures of 2-D Gaussians: the test on which mode collapse is seen and counted.

Paper: Metz et al. 2017 (unrolled GAN), https://arxiv.org/abs/1611.02163, made the ring of 8 the common test. The
default radius 2 and sigma 0.02 are those of the code of Nguyen et al. 2017 (D2GAN), https://arxiv.org/abs/1709.03831;
the grid's spacing 2 and the 100,000 points those of Lin et al. 2018 (PacGAN), https://arxiv.org/abs/1712.04086; the
batch of 256 that of the toy of Gulrajani et al. 2017 (WGAN-GP), https://arxiv.org/abs/1704.00028.
Differs: the published code of two papers (unrolled GAN, GDPP) places the ring with ``linspace(0, 2 pi, 8)``, whose last
point is its first: 7 modes, one of them twice as heavy. Here there are 8.
"""

import math
from typing import Literal

import torch
from torch import Tensor

from gan_lightning.data.in_memory import InMemory
from gan_lightning.data.order import derive_seed

_RADIUS, _SPACING = 2.0, 2.0


class GaussianMixture(InMemory):
    """Equally likely isotropic Gaussians in the plane, on a ring or on a square grid around 0.

    Sampled once, at ``setup()``. Labels are the mode's index. Perfect samples have 98.9 % of their mass within three
    ``sigma`` of the nearest centre. Published settings differ by factors (radius 1 to 3, sigma 0.01 to 0.1) and so do
    their mode counts: compare only like with like.

    Args:
        layout: mode k at angle 2 pi k / num_modes on a circle, or row by row on a square grid.
        num_modes: at least 1; a square number for the grid (25 is the usual one).
        radius: of the ring, above 0; D2GAN uses 2, unrolled GAN 1. Without effect on the grid, hence an error there.
        spacing: between neighbours of the grid, above 0; PacGAN uses 2. An error on the ring.
        sigma: standard deviation of each mode, at least 0; D2GAN uses 0.02 (ring), PacGAN 0.05 (grid).
        num_samples: how many points; PacGAN uses 100,000.
        batch_size: points per batch and device.
        labels: yield [points, mode indices] instead of points.
        seed: of the points and of their order.
        val_fraction: share of the points in [0, 1) held out for ``val_dataloader()``.

    Raises:
        ValueError: if an argument is out of range or without effect.

    Example:
        >>> ring = GaussianMixture(num_modes=4)
        >>> ring.centers.round(decimals=3).abs().tolist()
        [[2.0, 0.0], [0.0, 2.0], [2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(
        self,
        layout: Literal["ring", "grid"] = "ring",
        num_modes: int = 8,
        radius: float = _RADIUS,
        spacing: float = _SPACING,
        sigma: float = 0.02,
        num_samples: int = 100_000,
        batch_size: int = 256,
        labels: bool = False,
        seed: int = 0,
        val_fraction: float = 0.0,
    ) -> None:
        if layout not in ("ring", "grid"):
            raise ValueError(f"layout must be 'ring' or 'grid', got {layout!r}")
        if num_modes < 1:
            raise ValueError(f"num_modes must be at least 1, got {num_modes}")
        if radius <= 0 or spacing <= 0 or sigma < 0:
            raise ValueError(f"needed: radius > 0, spacing > 0, sigma >= 0; got {radius}, {spacing}, {sigma}")
        if num_samples < batch_size:
            raise ValueError(f"num_samples={num_samples} does not fill one batch of batch_size={batch_size}")
        super().__init__((2,), num_modes, batch_size=batch_size, labels=labels, seed=seed, val_fraction=val_fraction)
        self.layout, self.num_modes, self.num_samples = layout, num_modes, num_samples
        self.radius, self.spacing, self.sigma = radius, spacing, sigma
        self._centers = self._ring() if layout == "ring" else self._grid()

    @property
    def centers(self) -> Tensor:
        """Means of the modes (num_modes, 2), in the order of the labels."""
        return self._centers

    def load(self) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(derive_seed("mixture", self.seed))
        labels = torch.randint(self.num_modes, (self.num_samples,), generator=generator)
        noise = torch.randn(self.num_samples, 2, generator=generator)
        return self.centers[labels] + self.sigma * noise, labels

    def _ring(self) -> Tensor:
        if self.spacing != _SPACING:
            raise ValueError("spacing has no effect on a ring: set radius")
        angles = [2 * math.pi * k / self.num_modes for k in range(self.num_modes)]
        return self.radius * torch.tensor([[math.cos(angle), math.sin(angle)] for angle in angles])

    def _grid(self) -> Tensor:
        if self.radius != _RADIUS:
            raise ValueError("radius has no effect on a grid: set spacing")
        side = math.isqrt(self.num_modes)
        if side * side != self.num_modes:
            raise ValueError(
                f"a grid needs a square number of modes, got num_modes={self.num_modes}:"
                f" take {side * side} or {(side + 1) ** 2}"
            )
        ticks = self.spacing * (torch.arange(side) - (side - 1) / 2)
        return torch.cartesian_prod(ticks, ticks)
