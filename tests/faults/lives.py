"""Runs in processes of their own, which may be killed.

They are forked from a process that has imported everything, so that a life costs a tenth of a second and not six.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["lightning.pytorch", "gan_lightning", "gan_lightning.data", "gan_lightning.callbacks"])

PATIENCE = 120.0
"""Seconds after which a process that should have ended by itself hangs."""


class Life:
    """One process that runs a function of an importable module.

    Args:
        target: what it runs.
        arguments: of the function, in plain data.
        log: where its output goes.
        environment: set before the function is called.
    """

    def __init__(self, target: Callable[..., None], *arguments: Any, log: Path, **environment: str) -> None:
        self.log = log
        self._ready, child = FORKS.Pipe(duplex=False)
        self.process: BaseProcess = FORKS.Process(target=_live, args=(target, arguments, log, child, environment))
        self.process.start()
        child.close()

    def wait_until_ready(self) -> None:
        """Wait until the function has said that it is ready, or has ended."""
        try:
            if not self._ready.poll(PATIENCE):
                raise TimeoutError(f"not ready after {PATIENCE:.0f} s:\n{self.said()}")
        finally:
            self._ready.close()

    def send(self, number: signal.Signals = signal.SIGKILL) -> bool:
        """Send a signal; tell whether there was still someone to get it."""
        is_there = self.process.is_alive()
        if is_there and self.process.pid is not None:
            os.kill(self.process.pid, number)
        return is_there

    def end(self, patience: float = PATIENCE) -> int:
        """Wait for the end and return the exit code, below zero for a signal.

        Raises:
            TimeoutError: if it hangs; then it is killed.
        """
        self.process.join(patience)
        code = self.process.exitcode
        if code is None:
            self.process.kill()
            self.process.join()
            raise TimeoutError(f"still running after {patience:.0f} s:\n{self.said()}")
        return code

    def said(self) -> str:
        """Return its output so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def _live(target: Callable[..., None], arguments: tuple[Any, ...], log: Path, ready: Any, environ: Any) -> None:
    with log.open("ab") as stream:
        for own in (1, 2):
            os.dup2(stream.fileno(), own)
    for name in [name for name in os.environ if name.startswith("PL_")]:
        del os.environ[name]  # an earlier test's seed for child processes
    os.environ.update(environ)
    os.chdir(log.parent)
    torch.set_num_threads(1)
    sys.argv = sys.argv[:1]
    target(*arguments, ready=lambda: ready.send_bytes(b""))
