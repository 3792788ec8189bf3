"""A checkpoint is whole or not there: whoever is killed while it saves, or finds no room, keeps the one before."""

import errno
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import fit, make, points, trainer, weights
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch.plugins import AsyncCheckpointIO
from lightning.pytorch.strategies import SingleDeviceStrategy
from resume import killed_while_saving as case

from gan_lightning import AtomicCheckpointIO


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that were killed at each moment of a save."""
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, case.__file__, str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(case.__file__).parents[1]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def checkpoints(folder: Path) -> dict[str, Any]:
    return {file.name: torch.load(file, weights_only=True) for file in folder.glob("*.ckpt")}


@pytest.mark.parametrize("moment", case.MOMENTS)
def test_killed_while_it_saves(moment: str, killed: Path) -> None:
    """Two files per save, so the third is the first of iteration 4."""
    folder = killed / moment
    assert checkpoints(folder)["last.ckpt"]["gan_lightning"]["iteration"] == 2
    assert len(list(folder.glob("*.unfinished"))) == (moment != "moved")
    straight, resumed = case.gan(), case.gan()
    fit(straight, case.data())
    fit(resumed, case.data(), ckpt_path="last", callbacks=[case.checkpoint(folder)], enable_checkpointing=True)
    assert torch.equal(weights(straight), weights(resumed))
    assert not list(folder.glob("*.unfinished"))
    assert checkpoints(folder)["last.ckpt"]["gan_lightning"]["iteration"] == 8


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let the system refuse to write larger files, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 1000, 5000])
def test_no_room(size: int, tmp_path: Path) -> None:
    run = fit(make())
    file = tmp_path / "x.ckpt"
    run.save_checkpoint(file)
    before = file.read_bytes()
    assert len(before) > 5000
    with files_up_to(size), pytest.raises(OSError, match=r"not saved.*the last is 'x\.ckpt'") as e:
        run.save_checkpoint(file)
    assert (e.value.errno, e.value.filename) == (errno.EFBIG, str(file))
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["x.ckpt"]


def test_no_room_is_noticed_when_the_disk_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"'No space left on device'; none was saved before\. Make room"):
        fit(make()).save_checkpoint(tmp_path / "x.ckpt")
    assert os.listdir(tmp_path) == []


def test_an_error_of_another_kind_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="local object"):
        AtomicCheckpointIO().save_checkpoint({"x": lambda: None}, tmp_path / "x.ckpt")
    assert os.listdir(tmp_path) == []


def test_what_others_write_is_left_alone(tmp_path: Path) -> None:
    name = os.uname().nodename
    kept = ["mine.bin.unfinished", f"a.ckpt.{name}.{os.getppid()}.unfinished", "a.ckpt.elsewhere.7.unfinished"]
    for part in [*kept, "b.ckpt.elsewhere.7.unfinished"]:
        (tmp_path / part).touch()
    long_ago = time.time() - 2 * 3600
    os.utime(tmp_path / "b.ckpt.elsewhere.7.unfinished", (long_ago, long_ago))
    AtomicCheckpointIO().save_checkpoint({}, tmp_path / "x.ckpt")
    assert {file.name for file in tmp_path.iterdir()} == {*kept, "x.ckpt"}


class OwnIO(TorchCheckpointIO):
    """Somebody's own way to save."""


def used_by(module: Any, **arguments: Any) -> Any:
    run = trainer(**arguments)
    run.fit(module, points(batches=1))
    return run.strategy.checkpoint_io


def test_our_modules_save_so_unless_told_otherwise() -> None:
    assert type(used_by(make())) is AtomicCheckpointIO
    assert type(used_by(make(), plugins=[AsyncCheckpointIO()]).checkpoint_io) is AtomicCheckpointIO
    strategy = SingleDeviceStrategy("cpu", checkpoint_io=AsyncCheckpointIO(TorchCheckpointIO()))
    assert type(used_by(make(), strategy=strategy).checkpoint_io) is AtomicCheckpointIO
    assert type(used_by(make(), plugins=[OwnIO()])) is OwnIO
    assert type(used_by(make(), plugins=[AsyncCheckpointIO(OwnIO())]).checkpoint_io) is OwnIO


def test_remote_files_are_left_to_lightning() -> None:
    saving = AtomicCheckpointIO()
    saving.save_checkpoint({"x": torch.ones(2)}, "memory://folder/x.ckpt")
    assert torch.equal(saving.load_checkpoint("memory://folder/x.ckpt")["x"], torch.ones(2))


def test_a_link_is_replaced(tmp_path: Path) -> None:
    """What a link points to is not written through it."""
    saving = AtomicCheckpointIO()
    saving.save_checkpoint({"x": 1}, tmp_path / "a.ckpt")
    (tmp_path / "last.ckpt").symlink_to("a.ckpt")
    saving.save_checkpoint({"x": 2}, tmp_path / "last.ckpt")
    assert [saving.load_checkpoint(tmp_path / name)["x"] for name in ("a.ckpt", "last.ckpt")] == [1, 2]
