"""What a remedy is: one lever that is pulled while a GAN trains, and put back."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

from torch.optim import Optimizer

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.verdict import Kind

Evidence = Literal["measured", "folklore"]
"""Whether a study of ours has seen it mend runs, or it is only often advised."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a remedy did, for people and logs.

    Args:
        what: the thing changed, as in "learning rate of the discriminator".
        before: its value until then.
        after: its value from now on.
        why: what this is hoped to do, or why it is put back.

    Example:
        >>> str(Change("flip_share", "0", "0.25", "so that D cannot be too sure"))
        'flip_share: 0 -> 0.25 (so that D cannot be too sure)'
    """

    what: str
    before: str
    after: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} -> {self.after} ({self.why})"


class Remedy(ABC):
    """Changes one thing about a run that fails.

    The order of calls: ``load_state_dict`` if a run is resumed, ``prepare`` at each fit start, ``apply`` and ``undo``
    in turns between two batches, at the same iteration on all ranks; the hooks while it is active; ``detach`` when the
    fit ends.

    Attributes:
        name: for people and logs.
        suits: the kinds of failure it may mend.
        evidence: whether that was measured.
        keeps: whether it stays on after the run has healed, as penalties do.
        max_uses: how often it may be applied in a run.
        is_active: whether it is applied now.

    Example:
        >>> from gan_lightning.health.remedies import Stop
        >>> stop = Stop()
        >>> stop.name, stop.keeps, stop.is_active
        ('stop', True, False)
    """

    name: str
    suits: frozenset[Kind]
    evidence: Evidence
    keeps: bool = False
    max_uses: int = 1

    def __init__(self) -> None:
        self.is_active = False

    def prepare(self, patient: Patient) -> None:  # noqa: B027
        """Look for the lever at fit start; after a resume, put back what no checkpoint of the module holds.

        Raises:
            ValueError: if the module does not have it, and what to do.
        """

    @abstractmethod
    def apply(self, patient: Patient) -> Change:
        """Pull the lever."""

    @abstractmethod
    def undo(self, patient: Patient) -> Change:
        """Put it back where it was."""

    def before_batch(self, patient: Patient, batch: Any) -> None:  # noqa: B027
        """Act before a batch, while active."""

    def before_step(self, patient: Patient, optimizer: Optimizer) -> None:  # noqa: B027
        """Act on gradients that are complete and averaged over the ranks, while active."""

    def after_batch(self, patient: Patient) -> None:  # noqa: B027
        """Act after a batch, while active."""

    def detach(self) -> None:  # noqa: B027
        """Let go of the module when the fit ends, however it ends; it stays active."""

    def state_dict(self) -> dict[str, Any]:
        """Return plain data with which a resumed run goes on bit for bit."""
        return {"is_active": self.is_active}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        self.is_active = state["is_active"]
