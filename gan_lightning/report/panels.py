"""Which curves belong on one chart, and under which heading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gan_lightning.health.logs import recognised


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart.

    Args:
        section: the heading that it stands under.
        title: what is drawn.
        names: of the logged numbers.
        about: how to read it, in a sentence; may be empty.
        is_aside: whether it is shown only when asked for.
    """

    section: str
    title: str
    names: tuple[str, ...]
    about: str = ""
    is_aside: bool = False


SECTIONS = ("Metrics", "Losses", "Scores", "Gradients", "Health numbers", "Learning rates", "Other numbers")
"""Headings, in order."""

FLOORS = {"health/bins/tv_real", "health/bins/missing_real", "health/classes/mixed_real", "health/classes/mixed_chance"}
"""Numbers that others are compared with."""

DOUBLES = {"health/d/loss", "health/g/loss", "health/d/loss_size", "health/g/loss_size", "health/verdicts"}
"""What a monitor measures again, or the page says in words."""

KNOWN = (
    Panel("Scores", "Scores", ("d/score", "g/score"), "Mean probability of being right. Near 0.5 both players play."),
    Panel("Scores", "Rank accuracy", ("d/rank_accuracy",), "How often D ranks a real sample above a generated one."),
    Panel("Gradients", "Gradient norms", ("health/d/gradient", "health/g/gradient")),
    Panel("Gradients", "Gradient that reaches the samples", ("health/g/signal", "health/g/reach")),
    Panel(
        "Health numbers",
        "Distance from the data",
        ("health/bins/tv", "health/bins/tv_real"),
        "Total variation over bins of the data; dotted: as many real samples. Lower is better.",
    ),
    Panel(
        "Health numbers",
        "Missing part of the data",
        ("health/bins/missing", "health/bins/missing_real"),
        "Share of the data in bins with hardly any generated sample. Lower is better.",
    ),
    Panel(
        "Health numbers",
        "Diversity",
        ("health/fakes/vendi", "health/fakes/pair_distance", "health/fakes/effective_rank", "health/fakes/coverage"),
        "As a share of what the data have: 1 is as diverse as real samples.",
    ),
    Panel(
        "Health numbers",
        "Movement of the samples",
        ("health/bins/hop",),
        "Share of the samples that changed bins since the check before.",
    ),
    Panel("Health numbers", "Relative change of the weights", ("health/d/change", "health/g/change")),
)
LOSS_NAMES = ("d/loss", "g/loss")
SCORE_NAMES = ("d/score", "g/score", "d/rank_accuracy")


def panels_of(names: Iterable[str], kinds: Iterable[str] = ()) -> list[Panel]:
    """Return the charts for logged names, each in one of them, by their sections.

    Args:
        names: of all that vary.
        kinds: of verdicts, which are logged too and shown as events.

    Example:
        >>> [(panel.title, panel.names) for panel in panels_of(["errG", "errD", "lr-Adam", "speed"])]
        [('Losses', ('errD', 'errG')), ('Learning rates', ('lr-Adam',)), ('speed', ('speed',))]
    """
    events = {f"health/{kind}" for kind in kinds}
    left = [name for name in names if name not in DOUBLES | events | {"epoch"}]
    called = recognised(name for name in left if not name.startswith(("health/", "metrics/")))
    panels = [Panel("Losses", "Losses", tuple(each for name in LOSS_NAMES for each in called.get(name, ())))]
    renamed = {name: called[name][0] for name in SCORE_NAMES if name in called}
    # Where the module logs no scores a monitor has measured them.
    renamed |= {name: f"health/{name}" for name in SCORE_NAMES if name not in called}
    for panel in KNOWN:
        wanted = [renamed.get(name, name) for name in panel.names]
        panels.append(_with(panel, [name for name in wanted if name in left]))
    panels += _terms(left, panels)
    panels += _rest(left, panels)
    filled = [panel for panel in panels if set(panel.names) - FLOORS]
    return sorted(filled, key=lambda panel: (SECTIONS.index(panel.section), panel.is_aside))


def one_each(panels: Sequence[Panel]) -> list[Panel]:
    """Return a chart for each number, with its floor, on which several runs can be told apart."""
    return [
        _with(panel, [name, *floors], panel.title if len(panel.names) == 1 + len(floors) else f"{panel.title}: {name}")
        for panel in panels
        for floors in [[name for name in panel.names if name in FLOORS]]
        for name in panel.names
        if name not in FLOORS
    ]


def _terms(left: Sequence[str], panels: Sequence[Panel]) -> list[Panel]:
    drawn = {name for panel in panels for name in panel.names}
    players = {"d": "Terms of the discriminator's loss", "g": "Terms of the generator's loss"}
    own = {player: [each for each in left if each.startswith(f"{player}/") and each not in drawn] for player in players}
    return [Panel("Losses", title, tuple(own[player])) for player, title in players.items()]


def _rest(left: Sequence[str], panels: Sequence[Panel]) -> list[Panel]:
    drawn = {name for panel in panels for name in panel.names}
    rest = [name for name in left if name not in drawn]
    rates = [name for name in rest if name.startswith("lr-") or name in ("lr", "learning_rate")]
    found = [Panel("Learning rates", "Learning rates", tuple(rates))]
    for name in sorted(set(rest) - set(rates)):
        if name.startswith("metrics/"):
            found.append(Panel("Metrics", name.removeprefix("metrics/"), (name,)))
        elif name.startswith("health/"):
            found.append(Panel("Health numbers", name.removeprefix("health/"), (name,), is_aside=True))
        else:
            found.append(Panel("Other numbers", name, (name,)))
    return found


def _with(panel: Panel, names: Sequence[str], title: str | None = None) -> Panel:
    return Panel(panel.section, title or panel.title, tuple(names), panel.about, panel.is_aside)
