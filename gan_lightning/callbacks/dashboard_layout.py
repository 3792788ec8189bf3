"""What a dashboard shows of a GAN: the axis and summary of each quantity, and the charts that hold several curves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from gan_lightning.logging import Shown

KIMG = "kimg"
"""Thousands of images seen, the axis on which the field compares figures."""

LOWER = ("fid", "kid", "ndb", "js", "kl", "reverse_kl", "tv")
HIGHER = (
    "coverage", "density", "inception_score", "modes", "modes_by_one_sample", "precision", "recall", "valid", "vendi",
    "vendi_score",
)  # fmt: skip
"""Figures of ``gan_lightning.metrics`` of which the lowest and the highest are the best."""

LAST = ("d/loss", "g/loss", "d/score", "g/score", "d/rank_accuracy")
"""Of a game only the end counts: the least loss of a player is when the other is worst."""

SECTIONS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Game": {
        "Losses": ("d/loss", "g/loss"),
        "Scores": ("d/score", "g/score", "d/rank_accuracy"),
    },
    "Health": {"Open verdicts": ("health/verdicts",), "Kinds": (r"health/[a-z_]+$",)},
    "Metrics": {
        "Distance to the data": tuple(rf"metrics/(.*_)?{name}$" for name in ("fid", "kid")),
        "Quality and diversity": tuple(
            rf"metrics/(.*_)?{name}$" for name in ("precision", "recall", "density", "coverage")
        ),
        "Modes": tuple(rf"metrics/(.*_)?{name}$" for name in ("modes", "modes_by_one_sample", "valid")),
    },
}
"""Charts by section."""


def first_quantities(
    monitor: str | None, mode: Literal["min", "max"], evaluated: Iterable[str] = ()
) -> dict[str, Shown]:
    """Return how what is known by name is shown, before any of it is logged.

    Args:
        monitor: the figure that tells which generator is the best.
        mode: whether it is the best at its ``"min"`` or ``"max"``.
        evaluated: names of an ``Evaluation``'s metrics.
    """
    figures = (*LOWER, *HIGHER)
    named = [*figures, *evaluated, *(f"{name}_{figure}" for name in evaluated for figure in figures)]
    shown = {KIMG: Shown(hidden=True), "health/verdicts": Shown("max,last")}
    shown |= {name: Shown() for name in LAST}
    shown |= {f"metrics/{name}": shown_as(f"metrics/{name}") for name in named}
    if monitor is not None:
        shown[monitor] = Shown(f"{mode},last", KIMG)
    return shown


def shown_as(name: str) -> Shown:
    """Return how a figure is shown that has turned up; what is neither better high nor low keeps its last value.

    Example:
        >>> shown_as("metrics/train_fid").summary, shown_as("metrics/kid_std").summary
        ('min,last', 'last')
    """
    return Shown("min,last" if _is_any(name, LOWER) else "max,last" if _is_any(name, HIGHER) else "last", KIMG)


def _is_any(name: str, figures: Sequence[str]) -> bool:
    """Tell whether it is one of these figures, alone or of a named metric."""
    return any(name.endswith((f"/{figure}", f"_{figure}")) for figure in figures)
