"""What a shorter latent gives, and what it takes away."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.drawing import Drawing
from gan_lightning.callbacks.generator_inputs import inputs_of
from gan_lightning.pictures import draw_truncation
from gan_lightning.pictures.images import refuse

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class TruncationGrid(Drawing):
    """Draw what the generator makes of the same latents, scaled by each ``psi``: the shorter, the fewer kinds.

    Paper: Brock et al. 2019, section 3.1, https://arxiv.org/abs/1809.11096. Differs: latents are scaled,
    not drawn again until they are short; ``gan_lightning.pictures.truncation`` says more.

    The average of a ``GeneratorEMA`` is drawn where there is one. For other modules as ``LatentInterpolation``.

    Args:
        every: iterations between two pictures.
        psi: scales of the latents, 0 or more, one row of images each; 1 is the prior itself.
        columns: latents; plots of points take 64 times as many.
        seed: of the latents.
        generator: dotted path of the generator in a module of another make; found by its name if None.

    Raises:
        ValueError: if there is no ``psi``, one is negative, or ``columns < 1``; at fit start as
            ``LatentInterpolation``.

    Example:
        >>> TruncationGrid(psi=[0.5, 1.0]).psi
        (0.5, 1.0)
    """

    name: ClassVar[str] = "truncation"

    def __init__(
        self,
        every: int = 1000,
        psi: Sequence[float] = (0.3, 0.5, 0.7, 1.0),
        columns: int = 8,
        seed: int = 0,
        generator: str | None = None,
    ) -> None:
        super().__init__(every)
        if not psi or not min(psi) >= 0 or columns < 1:
            raise ValueError(f"expected scales psi of 0 or more, and columns >= 1, got {tuple(psi)} and {columns}")
        self.psi, self.columns, self.seed, self.generator = tuple(psi), columns, seed, generator

    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._inputs = self.watch(inputs_of(pl_module, self.generator))
        if self._inputs.is_known:
            refuse(self._samples(self.columns).flatten(0, 1), "TruncationGrid")

    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        with self.weights(trainer) as which:
            samples = self._samples(self.columns)
            if samples.ndim == 3:
                samples = self._samples(64 * self.columns)
            return draw_truncation(samples, self.psi, f"truncation, {which}")

    def _samples(self, n: int) -> Tensor:
        z = self._inputs.latents(n, self.seed)
        scaled = torch.cat([psi * z for psi in self.psi])
        rows = torch.arange(len(z)).repeat(len(self.psi))
        samples = self._inputs.generate(scaled, rows)
        return samples.reshape(len(self.psi), len(z), *samples.shape[1:])
