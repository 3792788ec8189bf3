"""Which modes of a known mixture the generator serves, and how evenly."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.drawing import Drawing
from gan_lightning.callbacks.generator_inputs import inputs_of
from gan_lightning.pictures import draw_modes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ModeHistogram(Drawing):
    """Draw the share of the samples at each mode of a known mixture, beside what perfect samples would have.

    The average of a ``GeneratorEMA`` is drawn where there is one.

    Args:
        centers: means of the modes, (K, D), or as a list of lists; those of the data module, if it has ``centers`` and
            ``sigma`` as ``GaussianMixture`` has, if None.
        sigma: standard deviation of each mode, above 0; likewise.
        every: iterations between two pictures.
        samples: how many, at least 1.
        seed: of the latents.
        generator: dotted path of the generator in a module of another make; found by its name if None.

    Raises:
        ValueError: if a number is out of range; at fit start, if the modes are not known, the samples are of another
            width, or the generator is not found.

    Example:
        >>> ModeHistogram([[0.0, 0.0], [1.0, 0.0]], sigma=0.1).samples
        2500
    """

    name: ClassVar[str] = "modes"

    def __init__(
        self,
        centers: Tensor | Sequence[Sequence[float]] | None = None,
        sigma: float | None = None,
        every: int = 500,
        samples: int = 2500,
        seed: int = 0,
        generator: str | None = None,
    ) -> None:
        super().__init__(every)
        if samples < 1 or (sigma is not None and not sigma > 0) or (centers is None) != (sigma is None):
            raise ValueError(
                f"expected samples >= 1, and both centers and sigma > 0 or neither; got {samples}, {centers}, {sigma}"
            )
        self.centers, self.sigma, self.samples, self.seed, self.generator = centers, sigma, samples, seed, generator

    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        data: Any = getattr(trainer, "datamodule", None)
        centers = getattr(data, "centers", None) if self.centers is None else self.centers
        sigma = getattr(data, "sigma", None) if self.sigma is None else self.sigma
        if centers is None or not sigma:
            raise ValueError("ModeHistogram needs the modes, ModeHistogram(centers, sigma): the data tell of none")
        self._modes = torch.as_tensor(centers, dtype=torch.float32), float(sigma)
        self._inputs = self.watch(inputs_of(pl_module, self.generator))
        if self._inputs.is_known:
            samples, (centers, _) = self._samples(), self._modes
            if samples.shape[1:] != centers.shape[1:]:
                raise ValueError(
                    f"ModeHistogram draws samples of the centers' shape {tuple(centers.shape[1:])}, but the generator "
                    f"makes {tuple(samples.shape[1:])}: give it the centers of these data, or leave it out"
                )
            draw_modes(samples, *self._modes)

    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        with self.weights(trainer) as which:
            return draw_modes(self._samples(), *self._modes, f"modes, {which}")

    def _samples(self) -> Tensor:
        z = self._inputs.latents(self.samples, self.seed)
        return self._inputs.generate(z, torch.arange(len(z)))
