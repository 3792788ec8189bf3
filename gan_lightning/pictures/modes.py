"""How many samples each mode of a known mixture gets."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gan_lightning.functional import mode_shares, modes_covered
from gan_lightning.pictures.style import FAINT, FAKE, WARNING, dress, headline, legend, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMED = 32
"""Modes up to which every bar has its number below it."""


def draw_modes(samples: Tensor, centers: Tensor, sigma: float, title: str = "") -> "Figure":
    """Draw the share of the samples at each mode, beside what perfect samples would have.

    Full bars are valid samples, within three sigma; pale ones lie nearest to the mode, but not at it. The band holds
    95 % of the shares that as many perfect samples would have.

    Args:
        samples: (N, D).
        centers: means of the modes, (K, D).
        sigma: standard deviation of each.
        title: above it; the number of modes if empty.

    Raises:
        ValueError: if there are no samples or centres, or their widths differ.

    Example:
        >>> centers = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
        >>> draw_modes(torch.zeros(100, 2), centers, sigma=0.1).axes[0].get_title(loc="left")
        '1 of 2 modes, 100 % of 100 samples valid (perfect: 98.9 %)'
    """
    if samples.ndim != 2 or centers.ndim != 2 or samples.shape[1] != centers.shape[1]:
        raise ValueError(f"expected (N, D) and (K, D), got {tuple(samples.shape)} and {tuple(centers.shape)}")
    samples = samples.detach().float().cpu()
    shares = mode_shares(samples, centers.detach().float().cpu(), sigma)
    n, k = len(samples), len(centers)
    place, valid, nearest = np.arange(k), 100 * shares.valid.numpy(), 100 * shares.nearest.numpy()
    even = 100 / k
    spread = 196 * (1 / k * (1 - 1 / k) / n) ** 0.5
    inside = float(torch.special.gammainc(torch.tensor(samples.shape[1] / 2), torch.tensor(4.5)))

    figure = new_figure(720, 380)
    axes = figure.add_axes((0.08, 0.13, 0.89, 0.71))
    said = f"{modes_covered(shares.valid)} of {k} modes, {valid.sum():.3g} % of {n:,} samples valid"
    dress(axes, f"{said} (perfect: {100 * inside:.1f} %)", x="mode", y="% of the samples")
    axes.grid(visible=False, axis="x")
    axes.axhspan(max(0.0, even - spread), even + spread, color=FAINT, alpha=0.25, linewidth=0, label="perfect samples")
    axes.axhline(even, color=FAINT, linewidth=1)
    axes.bar(place, nearest, color=FAKE, alpha=0.3, width=0.75, label="nearest to the mode")
    axes.bar(place, valid, color=FAKE, width=0.75, label="valid: within 3 sigma")
    missing = place[(shares.valid < 0.01).numpy() | (valid <= 0)]
    axes.scatter(
        missing, np.full(len(missing), 0.02), marker="x", color=WARNING, s=40, zorder=3, label="missing: below 1 %",
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip
    axes.set_xlim(-0.6, k - 0.4)
    axes.set_ylim(0, 1.25 * max(even + spread, nearest.max(), 1e-9))
    if k <= NAMED:
        axes.set_xticks(place)
    legend(axes, loc="upper right", ncols=4)
    headline(figure, title or "modes")
    return figure
