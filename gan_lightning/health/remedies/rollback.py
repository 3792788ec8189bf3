"""Back to where the run was last well."""

from abc import abstractmethod
from typing import ClassVar

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.health.remedies.shelf import Shelf
from gan_lightning.health.remedies.snapshot import Snapshot


class GoesBack(Remedy):
    """A remedy that takes the run back in time; the ladder gives it its ``shelf`` of snapshots.

    Args:
        max_uses: how often in a run.

    Raises:
        ValueError: if ``max_uses < 1``.
    """

    shelf: Shelf
    reason: ClassVar[str]

    def __init__(self, max_uses: int) -> None:
        super().__init__()
        if max_uses < 1:
            raise ValueError(f"expected max_uses of at least 1, got {max_uses}")
        self.max_uses = max_uses

    def prepare(self, patient: Patient) -> None:
        Shelf.check(patient)

    @property
    @abstractmethod
    def target(self) -> Snapshot | None:
        """Where it would go now; None if there is nowhere to go."""

    def apply(self, patient: Patient) -> Change:
        snapshot = self.target
        if snapshot is None:
            raise RuntimeError(f"there is no snapshot for {self.name}: put it into a Ladder, which takes them")
        self.shelf.go_back(patient, snapshot)
        where = f"of iteration {snapshot.iteration:,}" if snapshot.iteration else "of the start"
        return Change("state of the run", f"of iteration {patient.iteration:,}", where, self.reason)

    def undo(self, patient: Patient) -> Change:
        return Change("state of the run", "as it is", "as it is", "a run cannot go back to its failure")


class Rollback(GoesBack):
    """Put everything back to the last healthy snapshot before the failure began, and go on with other random numbers.

    Networks, optimizers, schedulers, scaler, averages, random states and the remedies of that time come back (see
    ``Snapshot``); the trainer's counters, the logs and the data go on. It never goes to a snapshot that is not older
    than the failure's onset, and not twice to the same one: who falls again on the same spot needs another remedy. It
    mends non-finite weights; alone it mended no collapse in our study (5 of 31 runs, 4 when nothing was done), so the
    ladder changes the setting at the same time.

    Args:
        max_uses: how often in a run.

    Raises:
        ValueError: if ``max_uses < 1``; at fit start, if the strategy splits the state over devices.

    Example:
        >>> Rollback().name
        'rollback'
    """

    name = "rollback"
    suits = frozenset({"divergence", "mode_collapse", "oscillation"})
    evidence = "folklore"
    reason = "the last state before the failure began, with other random numbers"

    def __init__(self, max_uses: int = 3) -> None:
        super().__init__(max_uses)

    @property
    def target(self) -> Snapshot | None:
        snapshot = self.shelf.last_healthy
        return None if snapshot is None or snapshot.iteration in self.shelf.returned else snapshot
