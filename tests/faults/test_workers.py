"""A worker of the loader that is killed, as by the kernel when memory runs out."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import LATENT, make
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from PIL import Image
from torch import nn

from gan_lightning import GAN
from gan_lightning.data import ImageFolder


class Kills(Callback):
    """Kills the worker that reads ahead."""

    def __init__(self, at: int) -> None:
        self.at = at

    def on_train_batch_start(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        if pl_module.iteration == self.at:
            (worker,) = trainer.train_dataloader._loader._iterator._workers
            os.kill(worker.pid, signal.SIGKILL)
            worker.join()


def train(images: Path, folder: Path, *callbacks: Callback, ckpt_path: Path | None = None) -> GAN:
    torch.manual_seed(0)
    flat, square = nn.Flatten(), nn.Unflatten(1, (3, 4, 4))
    gan = make(
        generator=nn.Sequential(nn.Linear(LATENT, 48), square), discriminator=nn.Sequential(flat, nn.Linear(48, 1))
    )
    saver = ModelCheckpoint(folder, "{step}", every_n_train_steps=2, save_last=True)
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    run = Trainer(accelerator="cpu", devices=1, max_epochs=4, callbacks=[*callbacks, saver], **quiet)
    torch.manual_seed(2)
    data = ImageFolder(str(images), size=4, batch_size=4, num_workers=1, flip=True)
    run.fit(gan, data, ckpt_path=ckpt_path, weights_only=True if ckpt_path else None)
    return gan


def test_it_is_named_and_the_run_goes_on_from_the_last_checkpoint(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for k in range(24):
        Image.new("RGB", (4, 4), (10 * k, 255 - 10 * k, k)).save(images / f"{k:02}.png")
    straight = train(images, tmp_path / "straight")
    with pytest.raises(RuntimeError, match=r"DataLoader worker \(pid"):
        train(images, tmp_path / "killed", Kills(9))
    back = train(images, tmp_path / "killed", Kills(-1), ckpt_path=tmp_path / "killed" / "last.ckpt")
    assert back.iteration == straight.iteration == 24
    for name, tensor in straight.state_dict().items():
        assert torch.equal(tensor, back.state_dict()[name]), name
