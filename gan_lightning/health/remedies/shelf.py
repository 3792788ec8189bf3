"""The snapshots of a run: where it began, and where it was last well."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy

from gan_lightning.health.remedies.copies import copied
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.randomness import draw_otherwise
from gan_lightning.health.remedies.remedy import Remedy
from gan_lightning.health.remedies.snapshot import Snapshot, go_to, is_sound, places

KEEP, EVERY = 2, 1000


class Shelf:
    """Keeps the start of a run and its last healthy states, in memory and in checkpoints, and goes back to them.

    Args:
        remedies: what may be in force, and goes back too.
        keep: healthy snapshots, at least 1. Each takes about three times the weights with Adam.
        every: iterations between two of them, at least 1.

    Raises:
        ValueError: if ``keep`` or ``every`` is below 1.
    """

    def __init__(self, remedies: Sequence[Remedy] = (), *, keep: int = KEEP, every: int = EVERY) -> None:
        if keep < 1 or every < 1:
            raise ValueError(
                f"expected to keep at least 1 snapshot, at least 1 iteration apart, got {keep} and {every}"
            )
        self.remedies, self.keep, self.every = tuple(remedies), keep, every
        self.clear()

    def clear(self) -> None:
        """Forget all snapshots."""
        self.start: Snapshot | None = None
        self.healthy: list[Snapshot] = []
        self.returned: list[int] = []
        """Iterations of the snapshots to which the run went back."""
        self._last = 0

    @staticmethod
    def check(patient: Patient) -> None:
        """Refuse strategies under which a process does not hold the whole state."""
        strategy = patient.trainer.strategy
        if not isinstance(strategy, SingleDeviceStrategy | DDPStrategy):
            raise ValueError(
                f"going back in time works on one device or with DDP, not with {type(strategy).__name__}: leave "
                "Rollback and Restart out of the ladder"
            )

    def begin(self, patient: Patient) -> None:
        """Keep the state before the first update."""
        self.start = self._take(patient)

    def is_due(self, iteration: int) -> bool:
        """Tell whether it is time for another healthy snapshot."""
        return iteration - self._last >= self.every

    def add(self, patient: Patient) -> None:
        """Keep a state that seems healthy, unless it holds numbers that are not finite."""
        if is_sound(patient):
            self.healthy = [*self.healthy, self._take(patient)][-self.keep :]
            self._last = patient.iteration

    def forget_since(self, onset: int) -> None:
        """Drop what was taken when something was wrong already."""
        self.healthy = [snapshot for snapshot in self.healthy if snapshot.iteration < onset]

    @property
    def last_healthy(self) -> Snapshot | None:
        """The state to go back to: the last healthy one, else the start; None if there is neither."""
        return self.healthy[-1] if self.healthy else self.start

    def go_back(self, patient: Patient, snapshot: Snapshot) -> None:
        """Go back to a snapshot and on from there otherwise: with other random numbers, and where the data are now.

        What led to the failure is not met again in the same order. Remedies that were applied since are applied anew.
        """
        self.returned.append(snapshot.iteration)
        now = places(patient.trainer)
        self.restore(patient, snapshot)
        go_to(patient.trainer, now)
        draw_otherwise(len(self.returned))
        self._last = patient.iteration

    def restore(self, patient: Patient, snapshot: Snapshot) -> None:
        """Put everything back, but keep the remedies that are in force now in force."""
        now = [remedy for remedy in self.remedies if remedy.is_active]
        for remedy in reversed(now):
            remedy.undo(patient)
        snapshot.restore(patient)
        then = copied(snapshot.checkpoint["remedies"])
        for remedy in self.remedies:
            if then.get(remedy.name, {}).get("is_active"):  # the optimizers' settings are back as it left them
                remedy.load_state_dict(then[remedy.name])
                remedy.prepare(patient)
                if remedy not in now:
                    remedy.undo(patient)
            elif remedy in now:
                with suppress(ValueError):  # it would change nothing there
                    remedy.apply(patient)

    def take_other_discriminator(self, patient: Patient, path: str) -> None:
        """Forget what was with another discriminator, and let the run have begun with the present one."""
        self.healthy = []
        if self.start is None:
            return
        checkpoint, now = self.start.checkpoint, Snapshot.take(patient).checkpoint
        inside = f"{path}."
        others = {name: value for name, value in checkpoint["state_dict"].items() if not name.startswith(inside)}
        own = {name: value for name, value in now["state_dict"].items() if name.startswith(inside)}
        checkpoint["state_dict"] = others | own
        for then, new in zip(checkpoint["optimizer_states"], now["optimizer_states"], strict=True):
            for group, like in zip(then["param_groups"], new["param_groups"], strict=True):
                group["params"] = like["params"]

    def _take(self, patient: Patient) -> Snapshot:
        snapshot = Snapshot.take(patient)
        snapshot.checkpoint["remedies"] = copied({remedy.name: remedy.state_dict() for remedy in self.remedies})
        return snapshot

    def state_dict(self) -> dict[str, Any]:
        return {
            "start": None if self.start is None else self.start.state_dict(),
            "healthy": [snapshot.state_dict() for snapshot in self.healthy],
            "returned": list(self.returned),
            "last": self._last,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.start = None if state["start"] is None else Snapshot(**state["start"])
        self.healthy = [Snapshot(**plain) for plain in state["healthy"]]
        self.returned, self._last = list(state["returned"]), state["last"]
