"""A monitor's treatment of the run that it watches: a ladder at work, or nobody."""

from math import nan
from typing import Any, Literal

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from gan_lightning.distributed import mean_over_ranks
from gan_lightning.health.cases import Round
from gan_lightning.health.judge import Judge
from gan_lightning.health.observer import Observer
from gan_lightning.health.publish import Publisher
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.patient import Patient

Remedies = Literal["ladder", "advise"] | Ladder | None


def ladder_of(remedies: Remedies) -> Ladder | None:
    """Return the ladder that an argument names.

    Raises:
        ValueError: if it is another word.
        TypeError: if it is something else.

    Example:
        >>> ladder_of("advise").dry_run
        True
    """
    if remedies is None or isinstance(remedies, Ladder):
        return remedies
    if remedies in ("ladder", "advise"):
        return Ladder(dry_run=remedies == "advise")
    kind = ValueError if isinstance(remedies, str) else TypeError
    raise kind(f"expected remedies to be 'ladder', 'advise', a Ladder or None, got {remedies!r:.60}")


class Treatment:
    """Tells the ladder of a run's batches, and others of what it did.

    Only while a remedy is active it hears of steps that spare Lightning's dispatch, too: of a ``GAN`` of this package
    as a witness, behind the probes, for gradients are measured before they are changed; of others by the optimizers'
    hooks, for some step torch's optimizers behind Lightning's back.

    Args:
        ladder: None to treat nothing.
    """

    def __init__(self, ladder: Ladder | None) -> None:
        self.ladder = ladder
        self.patient: Patient | None = None
        self._known: dict[str, Any] = {"spread": nan, "num_features": 0}
        self._handles: list[RemovableHandle] = []
        self._announced: set[Optimizer] = set()

    def expect(self, module: LightningModule, discriminator: str | None) -> None:
        """At setup, before a checkpoint is loaded."""
        if self.ladder is not None:
            self.ladder.expect(module, discriminator)

    def prepare(self, trainer: Trainer, module: LightningModule, observer: Observer) -> None:
        """At fit start, after what a checkpoint holds was loaded."""
        if self.ladder is not None:
            clock = trainer.fit_loop.epoch_loop.total_batch_idx + 1
            self.patient = Patient(trainer, module, observer.probe, clock, **self._known)
            self.ladder.prepare(self.patient)

    def before_batch(self, clock: int, batch: Any) -> None:
        if self.ladder is not None and self.patient is not None:
            self.patient.iteration = clock
            self._leave(self.patient)  # where the module skipped the last batch
            self.ladder.before_batch(self.patient, batch)
            if self.ladder.cabinet.active:
                self._listen(self.patient)

    def before_update(self, player: str, step: Any) -> None:
        """As a witness."""

    def before_backward(self, loss: Tensor) -> None:
        """As a witness."""

    def before_step(self, optimizer: Optimizer) -> None:
        """From Lightning's hook, or as a witness where there is none."""
        if self.ladder is not None and self.patient is not None:
            self._announced.add(getattr(optimizer, "_optimizer", optimizer))
            self.ladder.before_step(self.patient, optimizer)

    def after_batch(self) -> None:
        if self.ladder is not None and self.patient is not None:
            self._leave(self.patient)
            self.ladder.after_batch(self.patient)

    def check(self, observer: Observer, judge: Judge, changed: Round, publisher: Publisher | None) -> None:
        """After a check was judged: treat, and tell."""
        ladder, patient = self.ladder, self.patient
        if ladder is None or patient is None:
            return
        patient.iteration = judge.history.iteration
        self._look(patient, observer.reals)
        actions = ladder.act(patient, changed.opened, changed.closed, [*judge.cases.open.values()], judge.history)
        if patient.probe is not observer.probe:
            observer.turn_to(patient.probe)
        if publisher is not None:
            publisher.treat(patient.iteration, actions, ladder.course.shares())

    def stop(self) -> None:
        """When the fit ends."""
        if self.ladder is not None and self.patient is not None:
            self._leave(self.patient)
            self.ladder.detach()
            self.patient = None

    def state_dict(self) -> dict[str, Any]:
        return {} if self.ladder is None else {"ladder": self.ladder.state_dict(), "known": dict(self._known)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Before ``prepare``."""
        if self.ladder is not None and state:
            self._known = dict(state["known"])
            self.ladder.load_state_dict(state["ladder"])

    def _listen(self, patient: Patient) -> None:
        gan: Any = patient.module
        if patient.is_own_gan:
            gan.witnesses += (self,)
            return
        optimizers = [each for of_role in patient.probe.optimizers.values() for each in of_role]
        self._handles = [each.register_step_pre_hook(self._before_any_step) for each in optimizers]

    def _leave(self, patient: Patient) -> None:
        gan: Any = patient.module
        if self in getattr(gan, "witnesses", ()):
            gan.witnesses = tuple(each for each in gan.witnesses if each is not self)
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._announced.clear()

    def _before_any_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Hear of a step of which Lightning was not told; before a closure there are no gradients yet, but it tells."""
        if optimizer not in self._announced and len(args) == 1 and not kwargs.get("closure") and self.patient:
            self.patient.probe.before_step(optimizer)
            self.before_step(optimizer)
        self._announced.discard(optimizer)

    @torch.no_grad()
    def _look(self, patient: Patient, samples: Tensor | None) -> None:
        """Learn how spread the data are, the same on all ranks, from the samples that are finite."""
        rows = torch.zeros(0, 1, device=patient.module.device) if samples is None else samples.float().flatten(1)
        rows = rows[rows.isfinite().all(1)]
        own = rows.new_tensor([len(rows) > 1, rows.shape[1]])
        spread = rows.var(0, correction=0).sum() if len(rows) > 1 else rows.new_zeros(())
        known, total, features = mean_over_ranks(torch.stack([own[0], spread, own[0] * own[1]])).tolist()
        if known and total > 0:
            patient.spread, patient.num_features = total / known, round(features / known)
            self._known = {"spread": patient.spread, "num_features": patient.num_features}
