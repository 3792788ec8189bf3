"""A callback that gives a module one remedy at set iterations: what the ladder does by itself."""

from typing import Any

from lightning.pytorch import Callback

from gan_lightning.health.remedies import Change, Patient, Remedy
from gan_lightning.probe import probe_for


class Treatment(Callback):
    """Apply a remedy before one iteration, and undo it before another."""

    def __init__(self, remedy: Remedy, first: int = 0, end: int | None = None, spread: float = 2.0) -> None:
        self.remedy, self.first, self.end, self.spread = remedy, first, end, spread
        self.changes: list[Change] = []

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        self.patient = Patient(trainer, pl_module, probe_for(trainer, pl_module), 0, self.spread, 2)
        self.remedy.prepare(self.patient)

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        clock = trainer.fit_loop.epoch_loop.total_batch_idx
        self.patient.iteration = clock
        if clock == self.first:
            self.changes.append(self.remedy.apply(self.patient))
        if clock == self.end:
            self.changes.append(self.remedy.undo(self.patient))
        if self.remedy.is_active:
            self.remedy.before_batch(self.patient, batch)

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        self.patient.probe.before_step(optimizer)
        if self.remedy.is_active:
            self.remedy.before_step(self.patient, optimizer)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self.remedy.is_active:
            self.remedy.after_batch(self.patient)

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        self.patient.probe.stop()
        self.remedy.detach()

    def state_dict(self) -> dict[str, Any]:
        return self.remedy.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.remedy.load_state_dict(state_dict)
