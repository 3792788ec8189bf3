"""Points in the plane: samples as a cloud, paths between them, and clouds that shrink."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from gan_lightning.pictures.style import FAKE, dress, lost, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = 512


def draw_points(points: Tensor, title: str = "") -> "Figure":
    """Draw points (N, 2) as a cloud.

    Example:
        >>> import torch
        >>> draw_points(torch.randn(50, 2)).axes[0].get_title(loc="left")
        '50 samples'
    """
    figure, axes = square((title or f"{len(points):,} samples") + lost(points))
    x, y = numbers(points).T
    axes.scatter(x, y, s=4, alpha=0.5, color=FAKE, linewidths=0)
    return figure


def square(title: str) -> "tuple[Figure, Axes]":
    """Return a square figure with axes of one scale, for the plane."""
    figure = new_figure(SIZE, SIZE)
    axes = figure.add_axes((0.09, 0.07, 0.88, 0.86), aspect="equal", adjustable="datalim")
    dress(axes, title)
    return figure, axes


def numbers(points: Tensor) -> NDArray[np.float32]:
    """Return points (N, 2) as matplotlib takes them.

    Raises:
        ValueError: if these are no points in the plane.
    """
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"expected points in the plane (N, 2), got {tuple(points.shape)}")
    array: NDArray[np.float32] = points.detach().float().cpu().numpy()
    return array
