"""What all callbacks that draw have in common."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from lightning.pytorch import Callback, LightningModule, Trainer

from gan_lightning.callbacks.generator_ema import averaged_generator
from gan_lightning.isolation import evaluating, kept_random
from gan_lightning.logging import log_image, run_folder
from gan_lightning.logging.image import Picture, write_png
from gan_lightning.logging.spared import spared
from gan_lightning.pictures.style import pixels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Watched(Protocol):
    """What looks on at the training until it is told to leave."""

    def leave(self) -> None: ...


Watching = TypeVar("Watching", bound=Watched)


class Drawing(Callback):
    """Draws a picture every so many iterations, for every logger that takes pictures, and the last one to a file.

    Drawing changes nothing: networks are in evaluation mode, without gradients, and all random states come back. What
    cannot be drawn is refused at fit start; what fails later is told once, and the training goes on.

    Args:
        every: iterations between two pictures, at least 1.

    Raises:
        ValueError: if ``every < 1``.
    """

    name: ClassVar[str]
    """Under which the picture is logged; the last one's file is called so too."""

    def __init__(self, every: int) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1 iteration, got {every}")
        self.every = every
        self._watched: list[Watched] = []

    def watch(self, source: Watching) -> Watching:
        """Remember what looks on at the training, to let go of it at the end."""
        self._watched.append(source)
        return source

    @abstractmethod
    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Find what is needed, and refuse what cannot be drawn."""

    @abstractmethod
    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        """Draw the module as it is, within ``quietly``."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._leave()
        with self.quietly(pl_module):
            self.prepare(trainer, pl_module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if (trainer.fit_loop.total_batch_idx + 1) % self.every == 0:
            self.show(trainer, self.attempt(trainer, pl_module))

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        picture, folder = self.attempt(trainer, pl_module), run_folder(trainer)
        if trainer.is_global_zero and picture is not None:
            with spared(self, "write its last picture"):
                self.keep(folder, picture)

    def attempt(self, trainer: Trainer, pl_module: LightningModule) -> Picture | None:
        """Draw, on all ranks, for none has the whole of a sharded generator; None if it fails."""
        with spared(self, "draw a picture"), self.quietly(pl_module):
            return pixels(self.draw(trainer, pl_module))
        return None

    def show(self, trainer: Trainer, picture: Picture | None) -> None:
        """Hand a picture to the loggers; call it on all ranks."""
        log_image(trainer, self.name, picture)

    def keep(self, folder: Path, picture: Picture) -> None:
        """Write the last picture into the run's folder."""
        file = folder / f"{self.name}.png"
        write_png(file, picture)
        print(f"{self.name.capitalize()}: {short(file)}")

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self._leave()

    def _leave(self) -> None:
        for source in self._watched:
            source.leave()
        self._watched = []

    @contextmanager
    def quietly(self, pl_module: LightningModule) -> Iterator[None]:
        """Look at the networks without leaving a trace in them or in any random state."""
        with evaluating(pl_module), kept_random():
            yield

    @contextmanager
    def weights(self, trainer: Trainer) -> Iterator[str]:
        """Put the average of a ``GeneratorEMA`` into the generator, if there is one; yield what to write above."""
        iteration = trainer.fit_loop.total_batch_idx + 1
        with averaged_generator(trainer) as is_average:
            yield f"iteration {iteration:,}" + (", averaged weights" if is_average else "")


def short(file: Path) -> Path:
    """Return a path as people on the spot would say it."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
