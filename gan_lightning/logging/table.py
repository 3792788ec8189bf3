"""A table, with pictures in it, to every logger that takes tables, and to a CSV file where none does."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch import Trainer

from gan_lightning.logging.image import Picture
from gan_lightning.logging.run_folder import run_folder
from gan_lightning.logging.spared import spared

Cell = str | int | float | None | Picture
"""A picture is (H, W, 3) uint8."""


def log_table(trainer: Trainer, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Path | None:
    """Log a table; call it on all ranks.

    Weights & Biases shows it as it is. TensorBoard has the text as Markdown, and the pictures, if they are of one size,
    beside it. MLflow and the file have the text.

    Args:
        trainer: whose loggers are served.
        name: as in ``health/timeline``; may hold slashes.
        columns: their names; without any, nothing is logged.
        rows: one cell per column.

    Returns:
        The CSV file, if one was written: only where no logger took the table, and on rank 0.
    """
    folder = run_folder(trainer)
    if not trainer.is_global_zero or not columns:
        return None
    step = trainer.fit_loop.epoch_loop._batches_that_stepped  # the x-axis of what Lightning logs
    taken = []
    for logger in trainer.loggers:
        with spared(logger, "log a table"):
            taken.append(_offer(logger, name, columns, rows, step))
    if any(taken):
        return None
    file = folder / "media" / f"{name.replace('/', '-')}-{step:07d}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(_text_of(columns, rows))
    return file


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    r"""Return a table's text; pictures are left out.

    Example:
        >>> print(markdown(["kind", "onset"], [["a | b", 300], ["c", None]]))
        | kind | onset |
        | --- | --- |
        | a \| b | 300 |
        | c |  |
    """
    head, *body = _text_of(columns, rows)
    lines = [
        head,
        ["---"] * len(head),
        *([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in body),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text_of(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Return head and rows without the columns that hold pictures."""
    kept = [place for place in range(len(columns)) if not any(_is_picture(row[place]) for row in rows)]
    return [[columns[place] for place in kept], *([_shown(row[place]) for place in kept] for row in rows)]


def _shown(cell: Cell) -> str:
    return "" if cell is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def _is_picture(cell: Cell) -> bool:
    return isinstance(cell, np.ndarray)


def _offer(logger: Any, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], step: int) -> bool:
    """Log by what the logger can do, not by its class; tell whether it could."""
    if hasattr(logger, "log_table"):  # wandb
        logger.log_table(
            name, columns=list(columns), data=[[_for_wandb(cell) for cell in row] for row in rows], step=step
        )
        return True
    experiment: Any = getattr(logger, "experiment", None)
    if hasattr(experiment, "add_text"):  # TensorBoard
        experiment.add_text(name, markdown(columns, rows), step)
        pictures = [cell for row in rows for cell in row if isinstance(cell, np.ndarray)]
        if pictures and len({picture.shape for picture in pictures}) == 1:
            experiment.add_images(name, np.stack(pictures), step, dataformats="NHWC")
        return True
    if hasattr(logger, "run_id") and hasattr(experiment, "log_text"):  # MLflow
        experiment.log_text(logger.run_id, markdown(columns, rows), f"{name}-{step:07d}.md")
        return True
    return False


def _for_wandb(cell: Cell) -> Any:
    if not isinstance(cell, np.ndarray):
        return cell
    import wandb

    return wandb.Image(cell)
