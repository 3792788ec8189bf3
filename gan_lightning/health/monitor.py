"""Watching a GAN's health, in any Lightning project."""

from collections.abc import Sequence
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor
from torch.optim import Optimizer

from gan_lightning.health.cases import Cases
from gan_lightning.health.collector import Collector, Embedder
from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors import default_detectors
from gan_lightning.health.history import History
from gan_lightning.health.reference import flattened
from gan_lightning.health.verdict import Verdict
from gan_lightning.health.weights import WeightWatch
from gan_lightning.probe import Probe, probe_for

FEWEST, MOST = 5, 16
"""Batches in a window."""


class HealthMonitor(Callback):
    """Watch a GAN and say when it fails, and why.

    Args:
        detectors: what to look for; all there are if None.
        every: iterations between two checks.
        samples: real and generated samples per check, over all ranks.
        generator: dotted path of the generator; found by its name if None.
        discriminator: likewise.
        embedder: maps samples (N, ...) to vectors (N, D) in which they are compared.
    """

    def __init__(
        self,
        detectors: Sequence[Detector] | None = None,
        *,
        every: int = 100,
        samples: int = 512,
        generator: str | None = None,
        discriminator: str | None = None,
        embedder: Embedder = flattened,
    ) -> None:
        self.detectors = default_detectors() if detectors is None else tuple(detectors)
        self.every, self.samples = every, samples
        self.generator, self.discriminator, self.embedder = generator, discriminator, embedder
        self.history, self.cases = History(), Cases()
        self._probe: Probe

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What is wrong now; empty while all is well."""
        return tuple(self.cases.open.values())

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._probe = probe_for(trainer, pl_module, generator=self.generator, discriminator=self.discriminator)
        self._collector = Collector(self.samples, trainer.world_size, self.embedder)
        self._watches = {
            "d_weights": WeightWatch(self._probe.discriminators),
            "g_weights": WeightWatch(self._probe.generators),
        }
        self._span = FEWEST

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        clock = trainer.fit_loop.epoch_loop.total_batch_idx
        if self._collector.reference is None or clock % self.every >= self.every - self._span:
            self._probe.start(batch)

    def on_before_backward(self, trainer: Trainer, pl_module: LightningModule, loss: Tensor) -> None:
        if self._probe.is_recording:
            self._probe.before_backward(loss)

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        if self._probe.is_recording:
            self._probe.before_step(optimizer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if self._probe.is_recording:
            record = self._probe.finish()
            if record.real is not None:
                size = len(record.real) * trainer.world_size
                self._span = min(MOST, self.every, max(FEWEST, -(-self.samples // size)))
            self._collector.add(record)
            if self._collector.reference is None and self._collector.knows_enough:
                self._collector.fit_reference()
        clock = trainer.fit_loop.epoch_loop.total_batch_idx + 1
        if clock % self.every == 0 and self._collector.reference is not None:
            self._check(clock)

    @torch.no_grad()
    def _check(self, iteration: int) -> None:
        weights = {name: watch.look() for name, watch in self._watches.items()}
        window = self._collector.window(iteration, **weights)
        if window is None:
            return
        measured: dict[str, Tensor] = {}
        for detector in self.detectors:
            measured |= detector.measure(window)
        values = torch.stack([value.double().cpu() for value in measured.values()]).tolist()
        self.history.add(iteration, dict(zip(measured, values, strict=True)))
        verdicts = [verdict for detector in self.detectors if (verdict := detector.judge(self.history))]
        self.cases.update(verdicts)
