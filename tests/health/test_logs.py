"""Logs of real short runs, as Lightning's loggers write them, and the names that people give to losses."""

import os
import sys
from math import isnan
from pathlib import Path

import pytest
from foreign_modules import Official, batches_for, bce
from helpers import Batches, fit
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger, WandbLogger

from gan_lightning.health.logs import find_runs, read_run, recognised
from gan_lightning.health.logs.wandb_log import BLOCK, records


class Logging(Official):
    """Logs its losses as strangers do; the discriminator's is lost from the fourth step on."""

    def training_step(self, batch, batch_idx):
        super().training_step(batch, batch_idx)
        g_loss = bce(self.discriminator(self(self.latents(batch))), 1.0).detach()
        self.log("train/loss_G", g_loss)
        self.log("train/loss_D", g_loss * (float("nan") if batch_idx >= 4 else 2.0))


def run_with(logger):
    fit(Logging(), Batches(*batches_for(Official)), logger=logger, log_every_n_steps=1)


def check_logged(folder: Path, kind: str) -> None:
    run, *others = find_runs(folder)
    assert (list(run.files), others) == ([kind], [])
    log = read_run(run)
    assert log.iterations == list(range(6))
    assert recognised(log.series) == {"d/loss": ("train/loss_D",), "g/loss": ("train/loss_G",)}
    d_loss, g_loss = log.series["train/loss_D"], log.series["train/loss_G"]
    assert [isnan(value) for value in d_loss.values()] == [False] * 4 + [True] * 2
    assert d_loss[2] == pytest.approx(2 * g_loss[2])


def test_csv(tmp_path: Path) -> None:
    run_with(CSVLogger(tmp_path))
    check_logged(tmp_path, "CSV")


def test_wandb_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SILENT", "true")
    run_with(WandbLogger(save_dir=str(tmp_path), offline=True, project="p"))
    wandb.finish()
    wandb.teardown()  # the file is whole only when wandb's own process has ended
    check_logged(tmp_path, "wandb")


def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    run_with(TensorBoardLogger(tmp_path))
    check_logged(tmp_path, "TensorBoard")


def test_tensorboard_alone_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.backend.event_processing.event_accumulator", None)
    (tmp_path / "events.out.tfevents.1.host").write_bytes(b"")
    with pytest.raises(ValueError, match="pip install tensorboard"):
        read_run(find_runs(tmp_path)[0])


def test_the_newest_of_several_runs_and_the_folder_itself_first(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "old", "older")):
        table = tmp_path / name / "metrics.csv"
        table.parent.mkdir()
        table.write_text("step,d_loss\n1,0.5\n")
        os.utime(table, (1e9 - age, 1e9 - age))
    assert [run.folder.name for run in find_runs(tmp_path)] == ["new", "old", "older"]
    (tmp_path / "metrics.csv").write_text("step,d_loss\n1,0.5\n")
    os.utime(tmp_path / "metrics.csv", (1, 1))
    assert find_runs(tmp_path)[0].folder == tmp_path


def test_wandbs_folder_belongs_to_the_folder_with_its_id(tmp_path: Path) -> None:
    for file in ("p/abc/health.jsonl", "wandb/offline-run-20260101_000000-abc/run-abc.wandb"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_bytes(b"")
    (run,) = find_runs(tmp_path)
    assert list(run.files) == ["health.jsonl", "wandb"]


def test_an_empty_log_gives_way_to_the_next_kind(tmp_path: Path) -> None:
    (tmp_path / "health.jsonl").write_text('{"event": "start", "iteration": 0}\n')
    (tmp_path / "metrics.csv").write_text("step,d_loss\n1,0.5\n")
    assert read_run(find_runs(tmp_path)[0]).path.name == "metrics.csv"
    (tmp_path / "metrics.csv").write_text("step,d_loss\n")
    with pytest.raises(ValueError, match="no numbers"):
        read_run(find_runs(tmp_path)[0])


def test_pieces_of_records_are_joined_over_blocks_and_a_torn_end_is_left_out() -> None:
    def piece(kind: int, data: bytes) -> bytes:
        return b"\0\0\0\0" + len(data).to_bytes(2, "little") + bytes([kind]) + data

    first = b"a" * (BLOCK - 7 - 7)
    head = b"headers" + piece(2, first)
    assert len(head) == BLOCK
    file = head + piece(4, b"b") + piece(1, b"c")
    assert list(records(file)) == [first + b"b", b"c"]
    assert list(records(file + piece(1, b"torn")[:-1])) == [first + b"b", b"c"]


@pytest.mark.parametrize(
    ("d_loss", "g_loss"),
    [
        ("d_loss", "g_loss"),
        ("loss_D", "loss_G"),
        ("D_loss", "G_loss"),
        ("train/disc_loss", "train/gen_loss"),
        ("discriminator_loss", "generator_loss"),
        ("loss/dis", "loss/gen"),
        ("errD", "errG"),
        ("d/loss", "g/loss"),
        ("Loss/D", "Loss/G"),
        ("train_dloss_step", "train_gloss_step"),
        ("critic_loss", "generator_loss_epoch"),
    ],
)
def test_conventional_names(d_loss: str, g_loss: str) -> None:
    others = ["epoch", "lr-Adam", "val/d_loss", "d/r1", "g_loss_l1", "loss_D_real", "aeloss", "total_loss"]
    assert recognised([*others, d_loss, g_loss]) == {"d/loss": (d_loss,), "g/loss": (g_loss,)}
