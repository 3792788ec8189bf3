"""Back to the beginning, with what is known now."""

from gan_lightning.health.remedies.rollback import GoesBack
from gan_lightning.health.remedies.snapshot import Snapshot


class Restart(GoesBack):
    """Start both players anew: their first weights, fresh optimizers, other random numbers; remedies stay in force.

    For runs in which the generator is damaged beyond what a better discriminator can mend. In our study it cured the
    ring with a discriminator that was ten times too fast (4 of 4 runs, 2 of 4 without), and cost the others their
    progress: the last rung. Everything else goes back too, as in ``Rollback``: schedulers, averages and a ``GAN``'s
    own clock; the trainer's budget does not.

    The start is kept in memory and in checkpoints. A run that was resumed from a checkpoint without it has none, and
    this remedy is not offered there.

    Args:
        max_uses: how often in a run.

    Raises:
        ValueError: if ``max_uses < 1``; at fit start, if the strategy splits the state over devices.

    Example:
        >>> Restart().name
        'restart'
    """

    name = "restart"
    suits = frozenset(
        {"mode_collapse", "discriminator_dominates", "vanishing_gradient", "oscillation", "divergence", "dead_start"}
    )
    evidence = "measured"
    reason = "both players begin anew under the remedies, for the damage is done"

    def __init__(self, max_uses: int = 1) -> None:
        super().__init__(max_uses)

    @property
    def target(self) -> Snapshot | None:
        return self.shelf.start
