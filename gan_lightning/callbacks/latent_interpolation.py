"""What lies between latents, while the generator learns."""

from typing import TYPE_CHECKING, ClassVar

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.drawing import Drawing
from gan_lightning.callbacks.generator_inputs import inputs_of
from gan_lightning.pictures import draw_interpolation, spherical
from gan_lightning.pictures.images import refuse

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class LatentInterpolation(Drawing):
    """Draw what the generator makes on spherical ways between fixed pairs of latents, an image per step or a path.

    Paper: White 2016, section 2.1, https://arxiv.org/abs/1609.04468

    The average of a ``GeneratorEMA`` is drawn where there is one. Each way keeps one class. In a module that is no
    ``GAN`` of this package, the latents are those that its generator got in the first batch, and as many ways are drawn
    as they are enough for.

    Args:
        every: iterations between two pictures.
        ways: pairs of latents, at least 1.
        steps: samples on each way, both ends included, at least 2.
        seed: of the latents.
        generator: dotted path of the generator in a module of another make; found by its name if None.

    Raises:
        ValueError: if a number is too small; at fit start, if the samples are neither images nor points in the plane,
            or the generator is not found.

    Example:
        >>> LatentInterpolation(every=1000, ways=4).steps
        9
    """

    name: ClassVar[str] = "interpolation"

    def __init__(
        self, every: int = 1000, ways: int = 6, steps: int = 9, seed: int = 0, generator: str | None = None
    ) -> None:
        super().__init__(every)
        if ways < 1 or steps < 2:
            raise ValueError(f"expected ways >= 1 and steps >= 2 (both ends), got {ways} and {steps}")
        self.ways, self.steps, self.seed, self.generator = ways, steps, seed, generator

    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._inputs = self.watch(inputs_of(pl_module, self.generator))
        if self._inputs.is_known:
            refuse(self._samples().flatten(0, 1), "LatentInterpolation")

    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        with self.weights(trainer) as which:
            return draw_interpolation(self._samples(), f"interpolation, {which}")

    def _samples(self) -> Tensor:
        z = self._inputs.latents(2 * self.ways, self.seed)
        ways = len(z) // 2
        if not ways:
            raise ValueError("an interpolation needs two latents, and the generator was asked for one sample only")
        start, end = z[:ways], z[ways : 2 * ways]
        between = spherical(start.flatten(1), end.flatten(1), torch.linspace(0, 1, self.steps))
        rows = torch.arange(ways).repeat_interleave(self.steps)
        samples = self._inputs.generate(between.flatten(0, 1).view(-1, *z.shape[1:]), rows)
        return samples.reshape(ways, self.steps, *samples.shape[1:])
