"""Samples of latents drawn towards their mean: fewer kinds, and better ones, the shorter the latents.

Paper: Brock et al. 2019 (BigGAN), section 3.1, https://arxiv.org/abs/1809.11096, truncate by resampling; Karras et al.
    2019 (StyleGAN), appendix B, https://arxiv.org/abs/1812.04948, by the factor psi, towards the mean.
Differs: psi scales the latents themselves, which any generator has, and not those of a mapping network.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from gan_lightning.pictures.images import draw_images, is_image, refuse
from gan_lightning.pictures.points import numbers, square
from gan_lightning.pictures.style import legend, lost

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_truncation(samples: Tensor, psi: Sequence[float], title: str = "truncation") -> "Figure":
    """Draw samples of the same latents, scaled by each ``psi``.

    Args:
        samples: (levels, n, ...): images, or points in the plane; one level per ``psi``.
        psi: the scales, in order.
        title: above it.

    Raises:
        ValueError: if the samples are neither, or of another number of levels.

    Example:
        >>> import torch
        >>> [text.get_text() for text in draw_truncation(torch.zeros(2, 5, 1, 8, 8), [0.5, 1.0]).texts]
        ['truncation', 'psi 0.5', 'psi 1']
    """
    if len(samples) != len(psi):
        raise ValueError(f"{len(samples)} levels of samples, but {len(psi)} values of psi: give one level per value")
    flat = samples.flatten(0, 1)
    refuse(flat, "a truncation grid")
    names = [f"psi {value:g}" for value in psi]
    if is_image(flat):
        return draw_images(flat, samples.shape[1], title, row_names=names)
    from matplotlib import colormaps

    figure, axes = square(title + lost(flat))
    for place in sorted(range(len(psi)), key=lambda place: -abs(psi[place])):  # the widest cloud lies below
        shade = 0.25 + 0.6 * (1 - abs(psi[place]) / max(map(abs, psi))) if any(psi) else 0.5
        x, y = numbers(samples[place]).T
        axes.scatter(x, y, s=8, color=colormaps["plasma_r"](shade), linewidths=0, label=names[place])
    legend(axes, loc="upper right")
    return figure
