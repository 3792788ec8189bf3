"""The same latents, again and again: a picture of what the generator has learnt."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor
from torch.nn.functional import interpolate

from gan_lightning.logging import log_image, run_folder
from gan_lightning.logging.image import Picture, write_png

SIDE = 512
"""Pixels that a grid of small images is enlarged to, so that a person can see them."""


class SampleGrid(Callback):
    """Draw samples from fixed latents: images as a grid, points in the plane as a scatter plot.

    The pictures go to every logger that takes pictures, else to PNG files in the run's folder; the last one is always
    written there as ``samples.png``. Drawing changes nothing: training with and without it is bit-identical, and a
    resumed run shows the same latents.

    Args:
        every: iterations between two pictures.
        rows: rows of the grid.
        columns: columns of the grid; plots of points draw ``16 * rows * columns`` points.
        seed: of the latents.

    Raises:
        ValueError: if a number is below 1; at fit start, if the samples are neither images nor points in the plane.
        TypeError: at fit start, if the module has no method ``sample(n, seed=...)``.

    Example:
        >>> SampleGrid(every=100, rows=4, columns=4).every
        100
    """

    def __init__(self, every: int = 500, rows: int = 8, columns: int = 8, seed: int = 0) -> None:
        if min(every, rows, columns) < 1:
            raise ValueError(f"every, rows and columns must be at least 1, got {every}, {rows} and {columns}")
        self.every, self.rows, self.columns, self.seed = every, rows, columns, seed

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not hasattr(pl_module, "sample"):
            raise TypeError(f"SampleGrid needs a module with sample(n, seed=...); {type(pl_module).__name__} has none")
        self.draw(pl_module)  # what cannot be drawn is refused now, not after hours

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if (trainer.fit_loop.total_batch_idx + 1) % self.every == 0:
            log_image(trainer, "samples", self.draw(pl_module))

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        file = run_folder(trainer) / "samples.png"
        picture = self.draw(pl_module)  # in all processes: none has the whole of a sharded generator
        if trainer.is_global_zero:
            write_png(file, picture)
            print(f"Samples: {_short(file)}")

    def draw(self, pl_module: LightningModule) -> Picture:
        """Return the picture, (H, W, 3) uint8."""
        n = self.rows * self.columns
        samples: Tensor = pl_module.sample(n, seed=self.seed)  # type: ignore[operator]
        if samples.ndim == 4 and samples.shape[1] in (1, 3):
            return draw_images(samples, self.columns)
        if samples.shape[1:] == (2,):
            return draw_points(pl_module.sample(16 * n, seed=self.seed))  # type: ignore[operator]
        raise ValueError(
            f"SampleGrid draws images (1 or 3, H, W) and points (2,), but the samples are {tuple(samples.shape[1:])}: "
            "leave the callback out"
        )


def draw_images(images: Tensor, columns: int) -> Picture:
    """Lay images (N, 1 or 3, H, W) in [-1, 1] out as a grid, (H', W', 3) uint8."""
    from torchvision.utils import make_grid

    images = images.float().cpu()
    rows = -(-len(images) // columns)
    factor = max(1, SIDE // (rows * images.shape[-2]))
    enlarged = interpolate(images, scale_factor=factor) if factor > 1 else images
    grid = make_grid(enlarged, nrow=columns, padding=2, normalize=True, value_range=(-1, 1), pad_value=0.5)
    picture: Picture = (grid * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return picture


def draw_points(points: Tensor) -> Picture:
    """Plot points (N, 2), (H, W, 3) uint8."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.12, 5.12), dpi=100)
    axes = figure.add_axes((0.1, 0.08, 0.87, 0.86), aspect="equal", title=f"{len(points):,} samples")
    x, y = points.float().cpu().numpy().T
    axes.scatter(x, y, s=4, alpha=0.5)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _short(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
