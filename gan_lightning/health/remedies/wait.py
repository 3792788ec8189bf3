"""Nothing, on purpose."""

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy


class Wait(Remedy):
    """Give the run, and what was changed so far, more time.

    Runs whose generator is too fast mended themselves in 3 of 4 cases, and most of what a fresh discriminator seemed to
    mend was mended by more time under R1 + R2.

    Args:
        max_uses: how often in a run.

    Example:
        >>> Wait().name
        'wait'
    """

    name = "wait"
    suits = frozenset({"mode_collapse", "oscillation", "discriminator_dominates", "dead_start"})
    evidence = "measured"

    def __init__(self, max_uses: int = 1) -> None:
        super().__init__()
        self.max_uses = max_uses

    def apply(self, patient: Patient) -> Change:
        return Change("nothing", "as it is", "as it is", "recovery takes 1,000 to 3,000 iterations")

    def undo(self, patient: Patient) -> Change:
        return Change("nothing", "as it is", "as it is", "the time is over")
