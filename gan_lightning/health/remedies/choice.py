"""Which rung is next: a pure choice from what fails, what is offered, and what was tried."""

from collections.abc import Callable, Collection

from gan_lightning.health.remedies.remedy import Remedy
from gan_lightning.health.remedies.rollback import GoesBack
from gan_lightning.health.remedies.rungs import Rung, Rungs
from gan_lightning.health.verdict import Kind

DIVERGENCE: Kind = "divergence"


def next_rung(
    rungs: Rungs,
    failing: Collection[Kind],
    open: Collection[Kind],
    is_available: Callable[[Remedy], bool],
    *,
    is_lost: bool = False,
) -> tuple[Kind, Rung] | None:
    """Return the lowest rung that offers something new, and against what; None if there is none.

    Args:
        rungs: per kind, the most urgent kinds first; of equally low rungs the first is taken.
        failing: kinds that are failures now.
        open: these, and those of which there is only a warning.
        is_available: whether a remedy is neither in force nor used up.
        is_lost: whether weights are not finite, of which only going back can make others.
    """
    offered = [
        (height, kind, rung)
        for kind, of_kind in rungs.items()
        if kind in failing
        for height, rung in enumerate(of_kind)
        if (not rung.only_with or not rung.only_with.isdisjoint(open)) and _is_new(rung, is_available)
    ]
    if not offered:
        return None
    if is_lost:
        against = [each for each in offered if each[1] == DIVERGENCE] or offered
        offered = [each for each in against if isinstance(each[2].remedies[0], GoesBack)] or against
    _, kind, rung = min(offered, key=lambda each: each[0])
    return kind, rung


def _is_new(rung: Rung, is_available: Callable[[Remedy], bool]) -> bool:
    """Tell whether something is left to do; after a step back in time that is used up, the rest alone is no use."""
    leading = rung.remedies[0]
    if isinstance(leading, GoesBack):
        return is_available(leading)
    return any(is_available(remedy) for remedy in rung.remedies)
