"""Losses, scores and diversity over the iterations, with what was found and what was done on the same axis."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lightning.pictures.course import Course, Mark, Series
from gan_lightning.pictures.style import (
    FAINT,
    REMEDY,
    SEVERITY,
    D,
    G,
    dress,
    every_thousand,
    headline,
    legend_above,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMOOTHED = 80
"""Values from which on a curve is drawn pale, and its running mean over a fortieth of it on top."""

WIDTH, PANEL, LANE = 900, 190, 20
HEAD, GAP, FOOT = 22, 26, 46
"""Pixels: of the headline, above each panel, and below the last one."""

Line = tuple[str, str, str]
"""A curve's name, color and dashes."""

LOSSES: dict[str, Line] = {"d/loss": ("discriminator", D, "-"), "g/loss": ("generator", G, "-")}
SCORES: dict[str, Line] = {
    "d/score": ("discriminator", D, "-"),
    "g/score": ("generator", G, "-"),
    "d/rank_accuracy": ("rank accuracy, P(D(real) > D(fake))", FAINT, "--"),
}


def draw_curves(course: Course, title: str = "") -> "Figure":
    """Draw losses and scores, with verdicts and remedies marked on them.

    Args:
        course: of a run.
        title: above it; the run's name if empty.

    Raises:
        ValueError: if it has neither.

    Example:
        >>> figure = draw_curves(Course("mine", {"d/loss": {0: 1.4, 500: 1.2}, "g/loss": {0: 0.7, 500: 0.8}}))
        >>> [axes.get_title(loc="left") for axes in figure.axes]
        ['loss']
    """
    panels = [("loss", LOSSES), ("score", SCORES)]
    shown = [(name, lines) for name, lines in panels if any(line in course.series for line in lines)]
    if not shown:
        raise ValueError(f"{course.name} has neither losses nor scores to draw: were they logged?")
    figure, every = panelled(course, [name for name, _ in shown], title or course.name)
    for axes, (name, lines) in zip(every, shown, strict=False):
        for line, (label, color, dashes) in lines.items():
            if line in course.series:
                draw_series(axes, course.series[line], label, color, dashes)
        if name == "loss":
            _fit_losses(axes, [course.series[line] for line in lines if line in course.series])
        else:
            axes.set_ylim(-0.03, 1.03)
        legend_above(axes)
    return figure


def panelled(course: Course, titles: Sequence[str], title: str) -> "tuple[Figure, list[Axes]]":
    """Return a figure with one panel per title over a common axis of iterations, and the marks below and in all."""
    lanes = list(dict.fromkeys((mark.name, mark.kind == "remedy") for mark in course.marks))
    heights = [PANEL] * len(titles) + ([LANE * len(lanes)] if lanes else [])
    height = HEAD + sum(heights) + GAP * len(heights) + FOOT
    figure, last = new_figure(WIDTH, height), max(course.last, 1)
    left = 0.2 if lanes else 0.07
    top, panels = float(height - HEAD - GAP), []
    for size in heights:
        panels.append(figure.add_axes((left, (top - size) / height, 0.975 - left, size / height)))
        top -= size + GAP
    for axes, name in zip(panels, titles, strict=False):
        dress(axes, name)
        axes.set_xlim(0, last)
        every_thousand(axes)
        for mark in course.marks:
            _shade(axes, mark, last)
    if lanes:
        _draw_lanes(panels[-1], course.marks, lanes, last)
    for axes in panels[:-1]:
        axes.tick_params(labelbottom=False)
    panels[-1].set_xlabel("iteration")
    headline(figure, title)
    return figure, panels


def draw_series(axes: "Axes", series: Series, label: str, color: str, dashes: str = "-") -> None:
    """Draw a curve; where it is not finite there is a gap, and a cross at the upper edge."""
    at, values = np.array(list(series)), np.array(list(series.values()), dtype=float)
    finite = np.isfinite(values)
    values = np.where(finite, values, np.nan)
    style: dict[str, Any] = {"color": color, "linestyle": dashes}
    few = len(values) < SMOOTHED
    axes.plot(
        at, values, linewidth=1.6 if few else 0.8, alpha=1.0 if few else 0.3, label=label if few else None, **style
    )
    if not few:
        axes.plot(at, _running_mean(values, len(values) // 40), linewidth=1.6, label=label, **style)
    if not finite.all():
        lost = at[~finite]
        crosses = axes.get_xaxis_transform()
        axes.scatter(lost, np.full(len(lost), 0.97), marker="x", s=18, color=color, transform=crosses, clip_on=False)


def _running_mean(values: "np.ndarray[Any, Any]", width: int) -> "np.ndarray[Any, Any]":
    """Return the mean of the known ones among ``width`` values around each; NaN where it is not known itself."""
    known = np.isfinite(values)
    sums, counts = (np.concatenate([[0.0], np.cumsum(part)]) for part in (np.where(known, values, 0.0), known))
    places = np.arange(len(values))
    begin, end = np.maximum(places - width // 2, 0), np.minimum(places + width - width // 2, len(values))
    number = counts[end] - counts[begin]
    return np.where(known & (number > 0), (sums[end] - sums[begin]) / np.maximum(number, 1), np.nan)


def _fit_losses(axes: "Axes", every: Sequence[Series]) -> None:
    """Let a loss that explodes leave the rest readable: beyond the usual range the axis is logarithmic."""
    sizes = sorted(abs(value) for series in every for value in series.values() if isfinite(value))
    usual = sizes[int(0.9 * (len(sizes) - 1))] if sizes else 0.0
    if sizes and sizes[-1] > 30 * max(usual, 1e-6):
        axes.set_yscale("symlog", linthresh=2 * max(usual, 1e-6))


def _shade(axes: "Axes", mark: Mark, last: int) -> None:
    if mark.kind == "remedy":
        axes.axvline(mark.start, color=REMEDY, linewidth=1.2, linestyle=(0, (4, 2)))
        return
    end = last if mark.end is None else mark.end
    axes.axvspan(
        mark.start, end, color=SEVERITY[mark.kind], alpha=0.13 if mark.kind == "failure" else 0.09, linewidth=0
    )


def _draw_lanes(axes: "Axes", marks: Sequence[Mark], lanes: Sequence[tuple[str, bool]], last: int) -> None:
    """Draw when each verdict and each remedy held, one lane each; a warning is hatched, a failure is full."""
    dress(axes)
    rows: Mapping[tuple[str, bool], int] = {lane: len(lanes) - 1 - place for place, lane in enumerate(lanes)}
    for mark in marks:
        end = max(last if mark.end is None else mark.end, mark.start + last / 300)
        color = REMEDY if mark.kind == "remedy" else SEVERITY[mark.kind]
        is_light = mark.kind == "warning"
        axes.broken_barh(
            [(mark.start, end - mark.start)], (rows[mark.name, mark.kind == "remedy"] - 0.3, 0.6),
            facecolor="none" if is_light else color, edgecolor=color, hatch="////" if is_light else None, linewidth=1,
        )  # fmt: skip
        if mark.kind == "remedy":
            axes.axvline(mark.start, color=REMEDY, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.set_yticks(list(rows.values()), [name for name, _ in rows])
    for tick, (name, is_remedy) in zip(axes.get_yticklabels(), rows, strict=True):
        worst = "failure" if any(mark.name == name and mark.kind == "failure" for mark in marks) else "warning"
        tick.set_color(REMEDY if is_remedy else SEVERITY[worst])
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, last)
    axes.set_ylim(-0.6, len(lanes) - 0.4)
    every_thousand(axes)
