"""A run that is killed at a set moment of its third save; one process is started, and forks for each moment."""

import os
import signal
import sys
from collections.abc import Callable
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any

import torch
from helpers import LATENT, fit, make, mlp
from lightning.pytorch.callbacks import ModelCheckpoint

from gan_lightning import GAN, checkpoint_io
from gan_lightning.data import TensorData

FATAL_SAVE = 3
MOMENTS = ("open", "first bytes", "half", "not yet on the disk", "not yet moved", "moved")


def gan() -> GAN:
    """A generator large enough that a checkpoint is written in many pieces."""
    torch.manual_seed(1)
    return make(generator=mlp(LATENT, 2, width=20_000))


def data() -> TensorData:
    return TensorData(torch.randn(64, 2, generator=torch.Generator().manual_seed(0)), batch_size=8, seed=3)


def checkpoint(folder: Path) -> ModelCheckpoint:
    return ModelCheckpoint(folder, "{step}", every_n_train_steps=2, save_last=True, save_on_train_epoch_end=False)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mortal(BufferedWriter):
    """A file whose writer dies after so many bytes."""

    left: float

    def write(self, content: Any) -> int:
        self.left -= len(content)
        if self.left < 0:
            self.flush()
            die()
        return super().write(content)


def opens(left: float) -> Callable[..., Mortal]:
    def open_mortal(path: Path, mode: str) -> Mortal:
        stream = Mortal(FileIO(path, mode))
        stream.left = left
        return stream

    return open_mortal


def arm(moment: str) -> None:
    """Let this process die at that moment of the save that comes now."""
    bytes_left = {"open": 0.0, "first bytes": 1000.0, "half": 1e6}
    if moment in bytes_left:
        checkpoint_io.open = opens(bytes_left[moment])
    elif moment == "not yet on the disk":
        os.fsync = lambda _: die()
    elif moment == "not yet moved":
        os.replace = lambda *_: die()
    elif moment == "moved":
        move = os.replace
        os.replace = lambda *paths: (move(*paths), die())


def train(moment: str, folder: Path) -> None:
    write, saves = checkpoint_io._write, iter(range(1, 100))

    def counted(*arguments: Any) -> None:
        if next(saves) == FATAL_SAVE:
            arm(moment)
        write(*arguments)

    checkpoint_io._write = counted
    fit(gan(), data(), callbacks=[checkpoint(folder)], enable_checkpointing=True)


if __name__ == "__main__":
    ends = {}
    for moment in MOMENTS:
        child = os.fork()
        if child == 0:
            train(moment, Path(sys.argv[1]) / moment)
            os._exit(0)
        ends[moment] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ends == dict.fromkeys(MOMENTS, -signal.SIGKILL), ends
