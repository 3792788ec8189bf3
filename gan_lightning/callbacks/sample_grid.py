"""The same latents, again and again: a picture of what the generator has learnt."""

from typing import TYPE_CHECKING, ClassVar

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.drawing import Drawing
from gan_lightning.callbacks.generated import Replayed, Sample, generated_by
from gan_lightning.pictures import draw_images, draw_points
from gan_lightning.pictures.images import is_image, refuse

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SampleGrid(Drawing):
    """Draw samples from fixed latents: images as a grid, points in the plane as a scatter plot.

    The pictures go to every logger that takes pictures, else to PNG files in the run's folder; the last one is always
    written there as ``samples.png``. Where there is a ``GeneratorEMA`` its average is drawn, and the title says so.
    Drawing changes nothing: training with and without it is bit-identical, and a resumed run shows the same latents.

    Samples come from the module's ``sample(n, seed=...)``. In a module without it the generator is asked again what it
    was asked in the first batch, in evaluation mode, so that the grid holds at most a batch.

    Args:
        every: iterations between two pictures.
        rows: rows of the grid.
        columns: columns of the grid; plots of points draw ``16 * rows * columns`` points.
        seed: of the latents.
        sample: what makes samples, in place of that: the name of a method that takes their number, or a function of the
            module and their number.
        generator: dotted path of the generator, to be asked again; found by its name if None.

    Raises:
        ValueError: if a number is below 1; at fit start, if the samples are neither images nor points in the plane, or
            there is no generator.
        TypeError: at fit start, if the module has no method of the name ``sample``.

    Example:
        >>> SampleGrid(every=100, rows=4, columns=4).every
        100
    """

    name: ClassVar[str] = "samples"

    def __init__(
        self,
        every: int = 500,
        rows: int = 8,
        columns: int = 8,
        seed: int = 0,
        sample: Sample | None = None,
        generator: str | None = None,
    ) -> None:
        if min(every, rows, columns) < 1:
            raise ValueError(f"every, rows and columns must be at least 1, got {every}, {rows} and {columns}")
        super().__init__(every)
        self.rows, self.columns, self.seed, self.sample, self.generator = rows, columns, seed, sample, generator

    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        n = self.rows * self.columns
        self._source = generated_by(pl_module, self.sample, self.generator, n, self.seed, n)
        if isinstance(self._source, Replayed):
            self.watch(self._source).listen()
        else:
            refuse(self._source.draw(2, self.seed), "SampleGrid")

    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        n = self.rows * self.columns
        with self.weights(trainer) as which:
            samples = self._samples(n)
            refuse(samples, "SampleGrid")
            if is_image(samples):
                return draw_images(samples[:n], self.columns, which)
            points = self._samples(16 * n)
        return draw_points(points, f"{len(points):,} samples, {which}")

    def _samples(self, n: int) -> Tensor:
        return self._source.some() if isinstance(self._source, Replayed) else self._source.draw(n, self.seed)
