"""Watching a GAN's health, in any Lightning project."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor
from torch.optim import Optimizer

from gan_lightning.health.collector import Collector, Embedder
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors import default_detectors
from gan_lightning.health.facts import facts_of
from gan_lightning.health.findings import Findings
from gan_lightning.health.held_out import held_out_of
from gan_lightning.health.judge import Judge
from gan_lightning.health.observer import Observer
from gan_lightning.health.publish import Publisher
from gan_lightning.health.reference import flattened
from gan_lightning.health.span import Span
from gan_lightning.health.treatment import Remedies, Treatment, ladder_of
from gan_lightning.health.wishes import check_cadence, wanted
from gan_lightning.probe import probe_for


class HealthMonitor(Findings):
    """Watch a GAN and say when it fails, since when, why, and what to try.

    It shows ``health: ok`` or ``health: mode collapse since 3,200`` in the progress bar, explains each new verdict on
    the screen, logs what it measures as ``health/...`` to every logger, alerts where a logger can (W&B), and keeps all
    of it in ``health.jsonl`` in the run's folder. Watching never changes the training: the weights stay the same bit
    for bit. Only the batches just before a check are looked at, and the first ones, until 2,048 real samples, the
    yardstick, have been seen. It needs no change to the module, and no names if these are usual.

    Args:
        detectors: what to look for; all there are if None.
        every: iterations between two checks, at least 1. 100 finds a failure within 500.
        samples: real and generated ones per check, over all ranks, at least 64. In memory are never more than twice as
            many of each, as vectors (3 KB for an RGB image), 2,048 real ones before the first check, and one batch.
        generator: dotted path of the generator; found by its name if None.
        discriminator: likewise.
        embedder: maps samples (N, ...) to vectors (N, D) in which they are compared; images are averaged down to
            16 x 16 by default.
        held_out: real samples that training never sees, as D sees them: a tensor (H, ...) or a loader, of which
            ``samples`` are read once; with them it is told whether the discriminator overfits.
        remedies: ``"ladder"`` also mends, ``"advise"`` only says what it would do; or a ``Ladder``; None watches.

    Raises:
        ValueError: if an argument is out of range; at fit start, if a player is not found or two could be it; at the
            first batch, if ``every`` is too small for ``samples``.
        TypeError: if a detector is none.

    Example:
        >>> monitor = HealthMonitor(every=200)
        >>> monitor.verdicts, monitor.is_healthy
        ((), True)
    """

    goes_back: ClassVar[bool] = False
    """A rollback leaves what was found, for that goes on."""

    is_witness_enough: ClassVar[bool] = True
    """A ``GAN`` of this package may spare Lightning's dispatch, for its witnesses hear of all there is."""

    looks_for: ClassVar[tuple[type[Detector], ...]] = ()
    """Detectors if none are given; empty for all there are."""

    def __init__(
        self,
        detectors: Sequence[Detector] | None = None,
        *,
        every: int = 100,
        samples: int = 512,
        generator: str | None = None,
        discriminator: str | None = None,
        embedder: Embedder = flattened,
        held_out: Tensor | Iterable[Any] | None = None,
        remedies: Remedies = None,
    ) -> None:
        own = [make() for make in self.looks_for] or default_detectors()
        self.detectors = own if detectors is None else wanted(detectors, type(self).__name__)
        check_cadence(every, samples, type(self).__name__)
        self.every, self.samples = every, samples
        self.generator, self.discriminator, self.embedder = generator, discriminator, embedder
        self.held_out, self.remedies = held_out, ladder_of(remedies)
        self._treatment = Treatment(self.remedies)
        self._judge = Judge(self.detectors)
        self._observer: Observer | None = None
        self._publisher: Publisher | None = None
        self._restored: dict[str, Any] | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if stage == "fit":
            self._treatment.expect(pl_module, self.discriminator)

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._stop()
        probe = probe_for(trainer, pl_module, generator=self.generator, discriminator=self.discriminator)
        held_out = held_out_of(trainer, pl_module, self.held_out, self.samples)
        collector = Collector(self.samples, trainer.world_size, self.embedder, held_out)
        self._observer = Observer(probe, collector, Span(self.every, self.samples, type(self).__name__))
        self._judge = Judge(self.detectors)
        if self._restored is not None:
            self._restore(self._restored, self._observer, pl_module.device)
        self._treatment.prepare(trainer, pl_module, self._observer)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._observer is None:
            return
        monitors = [each for each in trainer.callbacks if isinstance(each, HealthMonitor)]  # type: ignore[attr-defined]
        of_game = [each.cases for each in monitors if each.generator == self.generator]
        logged_as = "health" if len(of_game) == len(monitors) else f"health/{self.generator}"
        is_only = sum(type(each) is type(self) for each in monitors) == 1
        name = type(self).__qualname__ if is_only else self.state_key
        self._publisher = Publisher(trainer, name, self._judge, of_game, logged_as)
        facts = facts_of(self._observer.probe, pl_module, self.detectors)
        self._publisher.start(pl_module, _iteration(trainer), every=self.every, samples=self.samples, **facts)

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        clock = trainer.fit_loop.epoch_loop.total_batch_idx
        if self._observer is not None and self._observer.wants(clock):
            self._observer.start(batch)
        self._treatment.before_batch(clock, batch)

    def on_before_backward(self, trainer: Trainer, pl_module: LightningModule, loss: Tensor) -> None:
        if self._observer is not None:
            self._observer.before_backward(loss)

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        if self._observer is not None:
            self._observer.before_step(optimizer)
        self._treatment.before_step(optimizer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._treatment.after_batch()
        if self._observer is None or not self._observer.probe.is_recording:
            return
        self._observer.take()
        self._check(trainer, self._observer)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._end(trainer, "finished")

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._end(trainer, type(exception).__name__)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self._stop()
        if self._observer is not None:
            self._observer.probe.forget()

    def _check(self, trainer: Trainer, observer: Observer) -> None:
        changed, iteration = None, _iteration(trainer)
        with observer.sparing.spared("check", is_early=not self._judge.checks or trainer.world_size > 1):
            window = observer.window(iteration)
            if window is not None:
                values = self._judge.measure(window, trainer.world_size)
                changed = self._judge.judge(iteration, values)
        if self._publisher is not None:
            self._publisher.sees = not observer.missed
        if changed is None:
            return
        if self._publisher is not None:
            with observer.sparing.spared("tell what it found"):
                self._publisher.check(iteration, values, changed)
        self._treatment.check(observer, self._judge, changed, self._publisher)

    def _end(self, trainer: Trainer, how: str) -> None:
        self._stop()
        if self._publisher is not None:
            self._publisher.end(_iteration(trainer), self.every, how, samples=self.samples)
        self._publisher = None  # the observer stays, for a checkpoint may be saved now

    def _stop(self) -> None:
        self._treatment.stop()
        if self._observer is not None:
            self._observer.probe.stop()

    def state_dict(self) -> dict[str, Any]:
        observer = None if self._observer is None else self._observer.state_dict()
        treatment = self._treatment.state_dict()
        return {"judge": self._judge.state_dict(), "observer": observer, "treatment": treatment}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._restored = state_dict

    def _restore(self, state: dict[str, Any], observer: Observer, device: torch.device) -> None:
        self._restored = None
        self._judge.load_state_dict(state["judge"])
        self._treatment.load_state_dict(state["treatment"])
        if state["observer"] is not None:
            observer.load_state_dict(state["observer"], device)


def _iteration(trainer: Trainer) -> int:
    """Return how many batches were trained on, the one that ends included."""
    return trainer.fit_loop.epoch_loop.total_batch_idx + 1
