"""How far the generated samples spread, measured by the real ones."""

from typing import TYPE_CHECKING

from gan_lightning.pictures.course import Course
from gan_lightning.pictures.curves import Line, draw_series, panelled
from gan_lightning.pictures.style import FAINT, INK, REAL, D, G, legend_above

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VIOLET = "#7a3f9d"
RATIOS: dict[str, Line] = {
    "fakes/vendi": ("Vendi score", G, "-"),
    "fakes/effective_rank": ("effective rank", D, "-"),
    "fakes/pair_distance": ("distance of pairs", VIOLET, "-"),
}
SHARES: dict[str, Line] = {
    "fakes/coverage": ("coverage", D, "-"),
    "bins/missing": ("missing real mass", G, "-"),
    "bins/tv": ("distance of bins", VIOLET, "-"),
    "bins/tv_real": ("that of real samples", REAL, ":"),
    "fakes/duplicates": ("copies", FAINT, "--"),
}
TITLES = ("generated over real", "shares")


def draw_diversity(course: Course, title: str = "") -> "Figure":
    """Draw what a monitor measured of the samples' diversity, with verdicts and remedies marked.

    Args:
        course: of a run with a ``HealthMonitor``.
        title: above it; the run's name if empty.

    Raises:
        ValueError: if no monitor has measured it.

    Example:
        >>> figure = draw_diversity(Course("mine", health={"fakes/vendi": {100: 0.2, 200: 0.9}}))
        >>> [axes.get_title(loc="left") for axes in figure.axes]
        ['generated over real']
    """
    shown = [
        (name, lines)
        for name, lines in zip(TITLES, (RATIOS, SHARES), strict=True)
        if any(line in course.health for line in lines)
    ]
    if not shown:
        raise ValueError(f"{course.name} has no diversity to draw: train with HealthMonitor(), which measures it")
    figure, panels = panelled(course, [name for name, _ in shown], title or f"{course.name}: diversity")
    for axes, (name, lines) in zip(panels, shown, strict=False):
        for line, (label, color, dashes) in lines.items():
            if line in course.health:
                draw_series(axes, course.health[line], label, color, dashes)
        if name == TITLES[0]:
            axes.axhline(1, color=INK, linewidth=1, linestyle=":", label="as diverse as real")
            axes.set_ylim(bottom=0)
        legend_above(axes)
    return figure
