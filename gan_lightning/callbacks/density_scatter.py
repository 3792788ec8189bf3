"""The plane as the discriminator sees it, with the samples on it: collapse and recovery as a film."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.drawing import Drawing, short
from gan_lightning.callbacks.generator_inputs import Recorded, inputs_of
from gan_lightning.logging import log_image, run_folder
from gan_lightning.logging.image import Picture, media_file, write_png
from gan_lightning.logging.spared import spared
from gan_lightning.pictures import draw_density, write_gif
from gan_lightning.pictures.density import extent_of
from gan_lightning.pictures.images import is_plane
from gan_lightning.probe import find_called, logits_of, tensors_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class DensityScatter(Drawing):
    """Draw generated and real points of the plane on what the discriminator thinks of every place, and make a film.

    Blue ground is taken for real, orange for generated. The frames lie in ``media`` in the run's folder, and go to
    every logger that takes pictures; at the end, however it comes, they become ``density.gif``. A resumed run of the
    same folder goes on with the same film. The average of a ``GeneratorEMA`` is drawn where there is one.

    Real points are those of the first batch. A discriminator that takes classes is asked for all of them, and the mean
    is drawn; in a module of another make it is asked with the classes, or whatever else it got, of the first batch.

    Args:
        every: iterations between two frames.
        points: generated ones, and real ones at most, at least 1.
        seed: of the latents.
        generator: dotted path of the generator in a module of another make; found by its name if None.
        discriminator: likewise.

    Raises:
        ValueError: if a number is below 1; at fit start, if a player is not found; then or at the first batch, if the
            samples are no points in the plane.

    Example:
        >>> DensityScatter(every=200).points
        512
    """

    name: ClassVar[str] = "density"

    def __init__(
        self,
        every: int = 200,
        points: int = 512,
        seed: int = 0,
        generator: str | None = None,
        discriminator: str | None = None,
    ) -> None:
        super().__init__(every)
        if points < 1:
            raise ValueError(f"points must be at least 1, got {points}")
        self.points, self.seed = points, seed
        self.generator, self.discriminator = generator, discriminator
        self._real: Tensor | None = None
        self._extent: tuple[float, float, float, float] | None = None
        self._folder: Path | None = None

    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._real, self._extent, self._folder = None, None, run_folder(trainer)
        self._inputs = self.watch(inputs_of(pl_module, self.generator))
        self._critique = self._critique_of(pl_module)
        if self._inputs.is_known:
            fake = self._fakes()
            _check(fake, "the samples")
            draw_density(fake, fake, self._critique)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        begun = trainer.fit_loop.total_batch_idx + 1
        with spared(self, "drop frames of another run"):
            for frame in self._frames():
                if _number(frame) >= begun:
                    frame.unlink()

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        if self._real is None:
            real = next((x for x in tensors_in(batch) if x.is_floating_point() and x.ndim > 1), None)
            _check(real, "the samples in the batch")
            self._real = real[: self.points].detach().clone()  # type: ignore[index]
            self._extent = extent_of(self._real)

    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        with self.weights(trainer) as which:
            fake = self._fakes()
        _check(fake, "the samples")
        real = fake[:0] if self._real is None else self._real
        return draw_density(real, fake, self._critique, which, self._extent)

    def show(self, trainer: Trainer, picture: Picture | None) -> None:
        file = log_image(trainer, self.name, picture)
        if file is None and picture is not None and self._folder is not None and trainer.is_global_zero:
            with spared(self, "keep a frame"):
                write_png(media_file(trainer, self._folder, self.name), picture)

    def keep(self, folder: Path, picture: Picture) -> None:
        super().keep(folder, picture)
        self._film()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        if trainer.is_global_zero:
            with spared(self, "write its film"):
                self._film()

    def _film(self) -> None:
        frames = self._frames()
        if frames and self._folder is not None:
            print(f"Film: {short(write_gif(self._folder / 'density.gif', frames))}")

    def _frames(self) -> list[Path]:
        return [] if self._folder is None else sorted((self._folder / "media").glob(f"{self.name}-*.png"))

    def _critique_of(self, module: Any) -> Callable[[Tensor], Tensor]:
        """Return the discriminator as a function of points (N, 2): logits (N,)."""
        if hasattr(module, "witnesses"):
            return lambda x: _opinion_of_a_gan(module, x)
        recorded = self.watch(Recorded(find_called(module, self.discriminator, "discriminator")))

        def critique(x: Tensor) -> Tensor:
            logits = logits_of(recorded.ask(x, torch.arange(len(x)))).float()
            return logits.flatten(1).mean(1) if logits.ndim > 1 else logits

        return critique

    def _fakes(self) -> Tensor:
        z = self._inputs.latents(self.points, self.seed)
        return self._inputs.generate(z, torch.arange(len(z))).detach()


def _check(samples: Tensor | None, what: str) -> None:
    if samples is None or not is_plane(samples):
        shape = "no tensor of floats" if samples is None else str(tuple(samples.shape[1:]))
        raise ValueError(
            f"DensityScatter draws points in the plane (2,), but {what} are {shape}: leave it out, and take SampleGrid"
        )


def _number(frame: Path) -> int:
    digits = frame.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else -1


def _opinion_of_a_gan(gan: Any, x: Tensor) -> Tensor:
    classes = range(gan.num_classes) if gan.num_classes and "discriminator" in gan.tells_classes else (None,)
    opinions = []
    with gan.exactly():
        for each in classes:
            label = None if each is None else torch.full((len(x),), each, device=x.device)
            opinions.append(gan.discriminate(x.to(gan.dtype), label).logits.float())
    mean: Tensor = torch.stack(opinions).mean(0)
    return mean
