"""A picture to every logger that takes pictures, and to a PNG file where none does."""

from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch import Trainer
from numpy.typing import NDArray

from gan_lightning.logging.run_folder import run_folder
from gan_lightning.logging.spared import spared

Picture = NDArray[np.uint8]


def log_image(trainer: Trainer, name: str, picture: Picture | None) -> Path | None:
    """Log a picture; call it on all ranks.

    Args:
        trainer: whose loggers are served.
        name: as in ``samples``; may hold slashes.
        picture: (H, W, 3) uint8; None where it could not be drawn, and nothing is logged.

    Returns:
        The PNG file, if one was written: only where no logger took the picture, and on rank 0.
    """
    folder = run_folder(trainer)
    if not trainer.is_global_zero or picture is None:
        return None
    taken = []
    for logger in trainer.loggers:
        with spared(logger, "log a picture"):
            taken.append(_offer(logger, name, picture, _step(trainer)))
    if any(taken):
        return None
    file = media_file(trainer, folder, name)
    with spared(trainer, "write a picture"):
        write_png(file, picture)
    return file


def media_file(trainer: Trainer, folder: Path, name: str) -> Path:
    """Return where a picture of this moment is kept in a run's folder."""
    return folder / "media" / f"{name.replace('/', '-')}-{_step(trainer):07d}.png"


def write_png(file: Path, picture: Picture) -> None:
    """Write (H, W, 3) uint8 as PNG, making the folder if need be."""
    from PIL import Image

    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(file)


def _step(trainer: Trainer) -> int:
    """Return the x-axis of what Lightning logs."""
    return trainer.fit_loop.epoch_loop._batches_that_stepped


def _offer(logger: Any, name: str, picture: Picture, step: int) -> bool:
    """Log by what the logger can do, not by its class; tell whether it could."""
    if hasattr(logger, "log_image"):  # wandb
        from PIL import Image

        logger.log_image(name, [Image.fromarray(picture)], step=step)
        return True
    experiment: Any = getattr(logger, "experiment", None)
    if hasattr(experiment, "add_image"):  # TensorBoard
        experiment.add_image(name, picture, step, dataformats="HWC")
        return True
    if hasattr(logger, "run_id") and hasattr(experiment, "log_image"):  # MLflow
        experiment.log_image(logger.run_id, picture, key=name.replace("/", "-"), step=step)
        return True
    return False
