"""Pictures go where a logger can take them, by what it can do."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import fit, make, points
from lightning.pytorch import Callback
from lightning.pytorch.loggers import CSVLogger, Logger
from PIL import Image

from gan_lightning.logging import log_image, run_folder

PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


class Recorder(Logger):
    """A logger with the given abilities."""

    def __init__(self, folder: Path, **abilities) -> None:
        super().__init__()
        self.folder, self.calls = folder, []
        for name, value in abilities.items():
            setattr(self, name, value)

    name, version = "project", "run7"

    @property
    def save_dir(self) -> str:
        return str(self.folder)

    def log_metrics(self, metrics, step=None) -> None:
        pass

    def log_hyperparams(self, params) -> None:
        pass


class Once(Callback):
    """Log one picture after the second batch."""

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        if batch_idx == 1:
            self.file, self.folder = log_image(trainer, "a/b", PICTURE), run_folder(trainer)


def log_once(**arguments) -> Once:
    once = Once()
    fit(make(), points(), callbacks=[once], log_every_n_steps=1, **arguments)
    return once


def test_tensorboards_way(tmp_path: Path) -> None:
    calls = []
    experiment = SimpleNamespace(add_image=lambda *args, **kwargs: calls.append((*args, kwargs)))
    once = log_once(logger=Recorder(tmp_path, experiment=experiment))
    assert calls == [("a/b", pytest.approx(PICTURE), 1, {"dataformats": "HWC"})]
    assert once.file is None


def test_mlflows_way(tmp_path: Path) -> None:
    calls = []
    experiment = SimpleNamespace(log_image=lambda run_id, picture, key, step: calls.append((run_id, key, step)))
    log_once(logger=Recorder(tmp_path, experiment=experiment, run_id="r"))
    assert calls == [("r", "a-b", 1)]


def test_a_file_where_no_logger_takes_pictures(tmp_path: Path) -> None:
    once = log_once(logger=CSVLogger(tmp_path, name="x"))
    assert once.file == tmp_path / "x" / "version_0" / "media" / "a-b-0000001.png"
    np.testing.assert_array_equal(np.asarray(Image.open(once.file)), PICTURE)


def test_a_file_without_a_logger(tmp_path: Path) -> None:
    assert log_once(default_root_dir=tmp_path).file == tmp_path / "media" / "a-b-0000001.png"


def test_each_logger_is_asked(tmp_path: Path) -> None:
    taken = []
    gallery = Recorder(tmp_path, log_image=lambda key, images, step: taken.append((key, images[0].size, step)))
    once = log_once(logger=[CSVLogger(tmp_path, name="x"), gallery])
    assert taken == [("a/b", (6, 4), 1)]
    assert once.file is None


def test_a_run_without_a_folder_of_its_own_gets_one_per_run(tmp_path: Path) -> None:
    gallery = Recorder(tmp_path, log_image=lambda *args, **kwargs: None)
    assert log_once(logger=gallery).folder == tmp_path / "project" / "run7"


def test_wandb_offline_keeps_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb")
    from lightning.pytorch.loggers import WandbLogger

    monkeypatch.setenv("WANDB_SILENT", "true")
    logger = WandbLogger(project="p", offline=True, save_dir=tmp_path)
    once = log_once(logger=logger)
    wandb.finish()
    assert once.file is None
    assert list(tmp_path.rglob("media/images/**/*.png"))
    assert once.folder == tmp_path / "p" / str(logger.version)
