"""A job that is told to end does so between two batches, and all its ranks at the same one.

Lightning saves in the handler of SLURM's signal: in the middle of an update, where one player has stepped and the other
has not, and on each rank in another place. In the handler of SIGTERM it talks to the other ranks, which at that moment
are talking of something else.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.pytorch import Trainer

AGREE_EVERY = 10
"""Iterations after which several ranks ask each other whether a signal has come; schedulers give a minute or more."""


class Requeue:
    """Holds Lightning's handlers of signals back until a batch is over.

    Args:
        trainer: that runs, with its handlers registered.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._held: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._come: set[int] = set()
        for number in _to_hold(trainer):
            handler = signal.getsignal(number)
            if callable(handler):
                self._held[number] = handler
                signal.signal(number, self._note)  # Lightning puts back what was there before the fit

    def after_batch(self, iteration: int) -> None:
        """Do what the signals ask for that have come; call it on all ranks."""
        if not self._held:
            return
        if self._trainer.world_size > 1:
            if iteration % AGREE_EVERY:
                return
            self._agree()
        for number in sorted(self._come):
            self._come.discard(number)
            self._held[number](number, None)

    def _agree(self) -> None:
        counts = torch.tensor([float(number in self._come) for number in self._held])
        counts = self._trainer.strategy.reduce(counts.to(self._trainer.strategy.root_device), reduce_op="sum")
        self._come = {number for number, count in zip(self._held, counts.tolist(), strict=True) if count}

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._come.add(number)


def _to_hold(trainer: Trainer) -> list[int]:
    if threading.current_thread() is not threading.main_thread():
        return []
    environment = trainer._accelerator_connector.cluster_environment
    numbers: list[int] = [signal.SIGTERM] if trainer.world_size > 1 else []
    if isinstance(environment, SLURMEnvironment) and environment.auto_requeue and environment.requeue_signal:
        numbers.append(environment.requeue_signal)
    return numbers
