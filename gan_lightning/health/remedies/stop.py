"""The end: training on would waste time."""

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.health.verdict import Kind


class Stop(Remedy):
    """Let the trainer stop after this batch, on all ranks; ``min_steps`` and ``min_epochs`` are respected.

    Args:
        reason: for people and logs.

    Example:
        >>> Stop("nothing else has helped").name
        'stop'
    """

    name = "stop"
    suits: frozenset[Kind] = frozenset(
        {
            "mode_collapse", "class_collapse", "discriminator_dominates", "generator_dominates", "vanishing_gradient",
            "oscillation", "stagnation", "divergence", "dead_start", "degenerate_data",
        }
    )  # fmt: skip
    evidence = "folklore"
    keeps = True

    def __init__(self, reason: str = "the run has failed, and no remedy is left") -> None:
        super().__init__()
        self.reason = reason

    def apply(self, patient: Patient) -> Change:
        patient.trainer.should_stop = self.is_active = True
        return Change("training", "running", f"stops at iteration {patient.iteration:,}", self.reason)

    def undo(self, patient: Patient) -> Change:
        patient.trainer.should_stop = self.is_active = False
        return Change("training", "stopping", "running", "the stop is taken back")
