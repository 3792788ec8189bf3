"""A callback that records each batch of any module, and nothing else."""

from typing import Any

import torch
from helpers import Batches, fit, weights
from lightning.pytorch import Callback
from torch import Tensor

from gan_lightning.probe import StepRecord, probe_for


class Recorder(Callback):
    """Keeps the records, as the health monitor takes them."""

    def __init__(self, **players: str | None) -> None:
        self.players = players
        self.records: list[StepRecord] = []
        self.probe: Any = None

    def on_fit_start(self, trainer, pl_module) -> None:
        self.probe = probe_for(trainer, pl_module, **self.players)

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx) -> None:
        self.probe.start(batch)

    def on_before_backward(self, trainer, pl_module, loss) -> None:
        self.probe.before_backward(loss)

    def on_before_optimizer_step(self, trainer, pl_module, optimizer) -> None:
        self.probe.before_step(optimizer)

    def on_train_batch_end(self, *_: Any) -> None:
        self.records.append(self.probe.finish())

    def on_exception(self, *_: Any) -> None:
        if self.probe is not None:
            self.probe.stop()

    def kinds(self, number: int) -> list[str]:
        return [each.kind for each in self.records[number].judgements]


def watched(module, batches, **players: str | None) -> Recorder:
    recorder = Recorder(**players)
    fit(module, Batches(*batches), callbacks=[recorder])
    return recorder


def made(cls: type, **arguments: Any):
    torch.manual_seed(1)
    return cls(**arguments)


def trained(cls: type, batches, *callbacks: Callback) -> Tensor:
    module = made(cls)
    fit(module, Batches(*batches), callbacks=list(callbacks))
    return weights(module)
