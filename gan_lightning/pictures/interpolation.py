"""What lies between latents: rows of images, or paths in the plane."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gan_lightning.pictures.images import draw_images, is_image, refuse
from gan_lightning.pictures.points import numbers, square
from gan_lightning.pictures.style import FAINT, FAKE, INK, legend, lost

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_interpolation(samples: Tensor, title: str = "interpolation") -> "Figure":
    """Draw what a generator makes on the ways between pairs of latents.

    Smooth ways through good samples tell a generator that has learnt; jumps tell one that has learnt by heart.

    Args:
        samples: (ways, steps, ...): images, or points in the plane; the latents by ``pictures.spherical``.
        title: above it.

    Raises:
        ValueError: if the samples are neither.

    Example:
        >>> draw_interpolation(torch.zeros(4, 5, 1, 8, 8)).texts[0].get_text()
        'interpolation'
    """
    ways, steps = samples.shape[:2]
    flat = samples.flatten(0, 1)
    refuse(flat, "an interpolation")
    if is_image(flat):
        shares = [f"{share:.2g}" for share in torch.linspace(0, 1, steps).tolist()]
        return draw_images(flat, steps, title, column_names=shares)
    figure, axes = square(title + lost(flat))
    for way in samples:
        axes.plot(*numbers(way).T, color=FAINT, linewidth=1, alpha=0.7, zorder=1)
    x, y = numbers(flat).T
    axes.scatter(x, y, s=9, color=FAKE, linewidths=0, label=f"{steps} steps on {ways} ways", zorder=2)
    x, y = numbers(torch.cat([samples[:, 0], samples[:, -1]])).T
    axes.scatter(x, y, s=26, facecolor="none", edgecolor=INK, linewidths=1.2, label="ends", zorder=3)
    legend(axes, loc="upper right")
    return figure
