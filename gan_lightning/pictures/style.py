"""One look for all pictures, on a ground of its own: as readable on a white page as on a black one.

Loggers keep pictures as opaque pixels and show them on pages of either theme, so a picture brings its own ground: a
light grey that does not glare on black and is seen as a card on white. On it every colour below has a contrast of at
least 3 to 1, text of at least 7 to 1. Blue, orange and grey are told apart with any colour vision, and verdicts never
by colour alone.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

Pixels = NDArray[np.uint8]

GROUND, PLOT, GRID, INK, FAINT = "#e4e5e9", "#f0f1f4", "#d3d5db", "#22252b", "#5c616b"
REAL, FAKE = "#4d535e", "#c2450a"
D, G = "#1d5fa6", FAKE
"""The discriminator, and the generator with all that it makes."""

WARNING, FAILURE, REMEDY = "#8f6a00", "#b0201a", "#1c7a4a"
SEVERITY = {"warning": WARNING, "failure": FAILURE}
DPI = 100


def new_figure(width: int, height: int) -> "Figure":
    """Return an empty figure of a size in pixels, which a notebook shows without ``pyplot``."""
    from gan_lightning.pictures.shown import ShownFigure

    return ShownFigure(figsize=((width + 1e-3) / DPI, (height + 1e-3) / DPI), dpi=DPI, facecolor=GROUND)


def dress(axes: "Axes", title: str = "", x: str = "", y: str = "") -> None:
    """Give axes the common look, whatever the user's own style."""
    axes.set_facecolor(PLOT)
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", colors=FAINT, labelcolor=INK, labelsize=8, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(title, color=INK, fontsize=9, loc="left")
    axes.set_xlabel(x, color=INK, fontsize=8)
    axes.set_ylabel(y, color=INK, fontsize=8)


def headline(figure: "Figure", text: str) -> None:
    """Write a line above everything else."""
    width, height = figure.bbox.width, figure.bbox.height
    figure.text(8 / width, 1 - 8 / height, text, ha="left", va="top", color=INK, fontsize=10, fontweight="bold")


def lost(samples: "Tensor") -> str:
    """Return what a title adds where samples (N, ...) are NaN or infinite, for they look like nothing, or like grey."""
    broken = int((~samples.flatten(1).isfinite().all(1)).sum())
    return f", {broken:,} of {len(samples):,} not finite" if broken else ""


def legend(axes: "Axes", **where: Any) -> None:
    """Add a legend in the common look, if there is anything to name."""
    if axes.get_legend_handles_labels()[1]:
        axes.legend(
            fontsize=8, labelcolor=INK, frameon=True, facecolor=PLOT, edgecolor="none", framealpha=0.85, **where
        )


def legend_above(axes: "Axes") -> None:
    """Add a legend in one row, right of the title, where it hides no curve."""
    legend(axes, loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=8, borderpad=0.2, columnspacing=1.4)
    shown = axes.get_legend()
    if shown is not None:
        shown.get_frame().set_visible(False)


def every_thousand(axes: "Axes") -> None:
    """Write iterations with commas, and never as powers of ten."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def pixels(figure: "Figure") -> Pixels:
    """Return a figure as (H, W, 3) uint8, as loggers take pictures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
