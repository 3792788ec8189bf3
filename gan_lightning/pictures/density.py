"""Samples in the plane on what the discriminator thinks of every place."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gan_lightning.pictures.points import numbers
from gan_lightning.pictures.style import FAKE, PLOT, REAL, dress, headline, legend, lost, new_figure

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

PLANE, LEFT, BAR, BELOW, ABOVE = 440, 38, 64, 42, 48
"""Pixels: of the plane's side, and around it."""

RESOLUTION = 96
"""Places along each axis at which the discriminator is asked."""


def draw_density(
    real: Tensor,
    fake: Tensor,
    critique: Callable[[Tensor], Tensor],
    title: str = "",
    extent: tuple[float, float, float, float] | None = None,
) -> "Figure":
    """Draw real and generated points, and where the discriminator takes points for real.

    The ground is ``sigmoid(D(x) - m)``, blue where it is near 1, orange near 0, with m midway between the mean logits
    of the real and of the generated points, so that it tells as much of a critic without a scale. A ground without
    colour is a discriminator that cannot tell; one of two hard colours tells all, and teaches nothing.

    Args:
        real: points (N, 2).
        fake: points (M, 2); those that are not finite are not drawn.
        critique: maps points (K, 2) to logits (K,), on the device of ``fake``.
        title: above it.
        extent: left, right, bottom and top; around the real points if None.

    Raises:
        ValueError: if these are no points in the plane, or the critique returns another number of logits.

    Example:
        >>> points = torch.randn(64, 2)
        >>> draw_density(points, points / 2, lambda x: -x.norm(dim=1)).axes[0].get_xlabel()
        '64 generated points'
    """
    reals, fakes = numbers(real), numbers(fake)
    left, right, bottom, top = extent_of(real) if extent is None else extent
    x, y = (torch.linspace(low, high, RESOLUTION) for low, high in ((left, right), (bottom, top)))
    places = torch.stack(torch.meshgrid(x, y, indexing="xy"), 2).flatten(0, 1)
    with torch.no_grad():
        asked = torch.cat([places.to(fake), real.to(fake), fake])
        logits = critique(asked).detach().float().cpu()
    if logits.shape != (len(asked),):
        raise ValueError(
            f"the critique of {len(asked)} points is {tuple(logits.shape)}, expected ({len(asked)},): a discriminator "
            "that judges several samples as one, as PacGAN's does, has no opinion of a single place to draw"
        )
    of_places, rest = logits[: len(places)], logits[len(places) :]
    of_real, of_fake = rest[: len(real)], rest[len(real) :]
    ground = (of_places - _midway(of_real, of_fake)).sigmoid().view(RESOLUTION, RESOLUTION)

    width, height = LEFT + PLANE + BAR, BELOW + PLANE + ABOVE
    figure = new_figure(width, height)
    axes = figure.add_axes((LEFT / width, BELOW / height, PLANE / width, PLANE / height))
    inside = (fakes[:, 0] >= left) & (fakes[:, 0] <= right) & (fakes[:, 1] >= bottom) & (fakes[:, 1] <= top)
    outside = int(np.isfinite(fakes).all(1).sum() - inside.sum())
    missed = f", {outside:,} of them outside" if outside else ""
    dress(axes, x=f"{len(fakes):,} generated points{missed}{lost(fake)}")
    image = axes.imshow(
        ground.numpy(), origin="lower", extent=(left, right, bottom, top), cmap=_map(), vmin=0, vmax=1, aspect="equal"
    )
    axes.scatter(reals[:, 0], reals[:, 1], s=7, color=REAL, alpha=0.5, linewidths=0, label="real")
    axes.scatter(fakes[inside, 0], fakes[inside, 1], s=8, color=FAKE, alpha=0.85, linewidths=0, label="generated")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.grid(visible=False)
    legend(axes, loc="upper right", markerscale=2)
    bar = figure.colorbar(
        image, cax=figure.add_axes(((LEFT + PLANE + 12) / width, BELOW / height, 12 / width, PLANE / height))
    )
    bar.set_ticks([0, 0.5, 1], labels=["fake", "even", "real"])
    dress(bar.ax, "D says")
    bar.ax.grid(visible=False)
    if title:
        headline(figure, title)
    return figure


def extent_of(points: Tensor) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of a square around points (N, 2), with room for those that miss."""
    finite = points.detach().float().cpu()
    finite = finite[finite.isfinite().all(1)]
    if not len(finite):
        return -1.0, 1.0, -1.0, 1.0
    low, high = finite.amin(0), finite.amax(0)
    center, half = (low + high) / 2, 0.65 * float((high - low).max()) or 1.0
    return tuple(float(each) for each in (center[0] - half, center[0] + half, center[1] - half, center[1] + half))  # type: ignore[return-value]


def _midway(real: Tensor, fake: Tensor) -> Tensor:
    means = [logits[logits.isfinite()].mean().nan_to_num() for logits in (real, fake)]
    return torch.stack(means).mean()


def _map() -> "Colormap":
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("verdict", ["#e8935c", PLOT, "#6c9ddb"])
