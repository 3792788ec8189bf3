"""Images as a grid, pixel for pixel, with names at its rows and columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gan_lightning.pictures.style import FAINT, INK, Pixels, headline, lost, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE = 512
"""Pixels that a grid of small images is enlarged to, so that a person can see them."""

PADDING, TOP, NAMES, ROW_NAMES = 2, 34, 18, 64


def draw_images(
    images: Tensor,
    columns: int = 8,
    title: str = "",
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
) -> "Figure":
    """Draw images as a grid, row by row; every pixel of theirs is a square of the picture's.

    Args:
        images: (N, 1 or 3, H, W) in [-1, 1]; what lies outside is cut off, what is not finite becomes grey, and is
            counted in the title.
        columns: of the grid.
        title: above it.
        row_names: at the left of the rows, none or one per row.
        column_names: above the columns, likewise.

    Raises:
        ValueError: if these are no images.

    Example:
        >>> draw_images(torch.zeros(6, 1, 8, 8), columns=3, title="six").texts[0].get_text()
        'six'
    """
    grid = lay_out(images, columns)
    height, width = grid.shape[:2]
    left, top = (ROW_NAMES if row_names else 0), (TOP if title else 0) + (NAMES if column_names else 0)
    figure = new_figure(width + left, height + top)
    figure.figimage(grid, xo=left, yo=0, origin="upper")
    if title:
        headline(figure, title + lost(images))
    rows = -(-len(images) // columns)
    for place, name in enumerate(row_names):
        y = (height - PADDING) * (1 - (place + 0.5) / rows) / (height + top)
        figure.text((left - 8) / (width + left), y, name, ha="right", va="center", color=INK, fontsize=8)
    for place, name in enumerate(column_names):
        x = left + (width - PADDING) * (place + 0.5) / columns
        figure.text(x / (width + left), (height + 5) / (height + top), name, ha="center", color=FAINT, fontsize=8)
    return figure


def lay_out(images: Tensor, columns: int) -> Pixels:
    """Lay images (N, 1 or 3, H, W) in [-1, 1] out as a grid, (H', W', 3) uint8, small ones enlarged.

    Raises:
        ValueError: if these are no images.
    """
    from torchvision.utils import make_grid

    if images.ndim != 4 or images.shape[1] not in (1, 3) or not len(images):
        raise ValueError(f"expected images (N, 1 or 3, H, W), got {tuple(images.shape)}")
    images = images.detach().float().cpu().nan_to_num(0.0, 1.0, -1.0)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    factor = max(1, SIDE // (max(rows, columns) * max(images.shape[-2:])))
    enlarged = images.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    grid = make_grid(enlarged, nrow=columns, padding=PADDING, normalize=True, value_range=(-1, 1), pad_value=0.5)
    picture: Pixels = (grid * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return picture


def is_image(samples: Tensor) -> bool:
    """Tell whether samples can be laid out: (N, 1 or 3, H, W)."""
    return samples.ndim == 4 and samples.shape[1] in (1, 3)


def is_plane(samples: Tensor) -> bool:
    """Tell whether samples are points in the plane: (N, 2)."""
    return samples.ndim == 2 and samples.shape[1] == 2


def refuse(samples: Tensor, what: str) -> None:
    """Refuse samples that are neither images nor points in the plane.

    Args:
        samples: (N, ...).
        what: is to be drawn, for people.

    Raises:
        ValueError: if they are neither.
    """
    if not is_image(samples) and not is_plane(samples):
        raise ValueError(
            f"{what} draws images (1 or 3, H, W) and points (2,), but the samples are {tuple(samples.shape[1:])}: "
            "leave the callback out"
        )
