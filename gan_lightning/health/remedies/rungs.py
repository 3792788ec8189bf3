"""Which remedies are tried for which failure, in which order.

Own study behind the order: 2-D mixtures, 36 failing runs. R1 + R2 with safe learning rates first, for at least 2,000
iterations, and longer while modes come back; a wider discriminator where it cannot tell anything; a restart of both
players under the penalties last. Batch norm in the discriminator is frozen where that wins, and at a restart.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from torch import nn

from gan_lightning.health.remedies.frozen_batch_norm import FrozenBatchNorm
from gan_lightning.health.remedies.remedy import Remedy
from gan_lightning.health.remedies.restart import Restart
from gan_lightning.health.remedies.rollback import Rollback
from gan_lightning.health.remedies.safe_learning_rates import SafeLearningRates
from gan_lightning.health.remedies.wait import Wait
from gan_lightning.health.remedies.wider_discriminator import WiderDiscriminator
from gan_lightning.health.remedies.zero_centered_penalties import ZeroCenteredPenalties
from gan_lightning.health.verdict import Kind


@dataclass(frozen=True, slots=True)
class Rung:
    """Remedies that are applied at once, and then given time.

    Args:
        remedies: in order.
        only_with: offered only while one of these kinds is open too, if only as a warning; empty for always.

    Example:
        >>> Rung((Wait(),), only_with=frozenset({"oscillation"})).remedies[0].name
        'wait'
    """

    remedies: tuple[Remedy, ...]
    only_with: frozenset[Kind] = frozenset()


Rungs = dict[Kind, tuple[Rung, ...]]


def as_rungs(rungs: Mapping[Kind, Iterable[Rung | Remedy | Iterable[Remedy]]]) -> Rungs:
    """Return rungs from remedies and groups of them.

    Example:
        >>> rungs = as_rungs({"oscillation": [Wait()]})
        >>> rungs["oscillation"][0].remedies[0].name
        'wait'
    """
    return {kind: tuple(_rung(rung) for rung in of_kind) for kind, of_kind in rungs.items()}


def default_rungs(wider_discriminator: Callable[[], nn.Module] | None = None) -> Rungs:
    """Return the order that our study found best, by kind, the most urgent kinds first.

    Args:
        wider_discriminator: builds a discriminator to use where the present one is too small.
    """
    penalties, rates, wait, restart = ZeroCenteredPenalties(), SafeLearningRates(), Wait(), Restart()
    alone = FrozenBatchNorm()
    safe, anew = Rung((penalties, rates)), Rung((restart, penalties, rates, alone))
    patience = Rung((wait,))
    common = (safe, anew)
    dominated = (Rung((penalties, rates, alone)), anew)
    rungs: Rungs = {
        "divergence": (safe, Rung((Rollback(), penalties, rates)), anew),
        "generator_dominates": common,
        "dead_start": common,
        "mode_collapse": common,
        "discriminator_dominates": dominated,
        "vanishing_gradient": dominated,
        "oscillation": (patience, safe, anew),
        "class_collapse": (safe, patience),
        "stagnation": (safe, patience),
        "discriminator_overfitting": (Rung((penalties,)),),
    }
    if wider_discriminator is not None:
        wider = WiderDiscriminator(wider_discriminator)
        blind: frozenset[Kind] = frozenset({"generator_dominates"})
        rungs["generator_dominates"] = (Rung((wider, penalties)), *common)
        for kind in ("dead_start", "mode_collapse"):
            rungs[kind] = (safe, Rung((wider, penalties), blind), anew)
    return rungs


def remedies_of(rungs: Rungs) -> tuple[Remedy, ...]:
    """Return each remedy once, in order of appearance."""
    found = [remedy for of_kind in rungs.values() for rung in of_kind for remedy in rung.remedies]
    return tuple({id(remedy): remedy for remedy in found}.values())


def without(rungs: Rungs, remedy: Remedy) -> Rungs:
    """Return the rungs without a remedy; those that are empty then are left out."""
    kept = {
        kind: [Rung(tuple(r for r in rung.remedies if r is not remedy), rung.only_with) for rung in of_kind]
        for kind, of_kind in rungs.items()
    }
    return {kind: tuple(rung for rung in of_kind if rung.remedies) for kind, of_kind in kept.items()}


def _rung(given: Rung | Remedy | Iterable[Remedy]) -> Rung:
    if isinstance(given, Rung):
        return given
    return Rung((given,) if isinstance(given, Remedy) else tuple(given))
