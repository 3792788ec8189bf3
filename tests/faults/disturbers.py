"""Callbacks that disturb a run at a chosen moment."""

import os
import signal
from collections.abc import Callable
from typing import Any

from lightning.pytorch import Callback
from lightning.pytorch.loggers import Logger

HOOKS = ("on_train_batch_start", "on_before_backward", "on_before_optimizer_step", "on_train_batch_end")


class Disturbs(Callback):
    """Does something the n-th time that a hook is called.

    Args:
        hook: one of ``HOOKS``; in the middle of an update are a backward and a step.
        count: from 1.
        act: what is done.
    """

    def __init__(self, hook: str, count: int, act: Callable[[], None]) -> None:
        self.left, self.act = count, act
        setattr(self, hook, self._called)

    def _called(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.act()


class Signals:
    """Sends a signal to its own process, which Python handles before the next line.

    Args:
        number: of the signal.
    """

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __call__(self) -> None:
        os.kill(os.getpid(), self.number)


class UnreachableError(Exception):
    """What a logger raises that has lost its server."""


class Fails(Logger):
    """A logger whose server goes away.

    Args:
        after: calls that go well.
    """

    name, version = "fails", 0

    def __init__(self, after: int = 0) -> None:
        super().__init__()
        self.left = after

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.left -= 1
        if self.left < 0:
            raise UnreachableError("no route to host")

    def log_hyperparams(self, params: Any) -> None:
        pass

    def log_image(self, name: str, images: list[Any], step: int | None = None) -> None:
        raise UnreachableError("no route to host")
