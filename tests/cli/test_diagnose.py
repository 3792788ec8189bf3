"""``gan-lightning diagnose`` as a user types it."""

import json
import sys
from pathlib import Path

import pytest

from gan_lightning.cli import main

MINE = """
import torch
from foreign_modules import Official, batches_for
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader, TensorDataset

class Sized(Official):
    def __init__(self, width):
        super().__init__()

class Points(LightningDataModule):
    def train_dataloader(self):
        return DataLoader(torch.randn(128, 2), batch_size=32)

def make():
    return Official()

def batches():
    return batches_for(Official, 32)

def empty():
    return DataLoader([])

dataset = TensorDataset(torch.zeros(4, 2))
number = 3
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "mine_for_diagnose", raising=False)
    Path("mine_for_diagnose.py").write_text(MINE)


def status(*argv: str) -> int:
    try:
        main(("diagnose", *argv))
    except SystemExit as end:
        return int(end.code)
    return 0


def live(module: str, data: str, *more: str) -> tuple[str, ...]:
    return ("--module", f"mine_for_diagnose:{module}", "--data", f"mine_for_diagnose:{data}", *more)


def losses(d_loss: float, g_loss: float) -> str:
    rows = [f"{100 * i},{d_loss * (1 + i % 2 / 10)},{g_loss + i % 3 / 10}" for i in range(12)]
    Path("metrics.csv").write_text("\n".join(["step,d_loss,g_loss", *rows]))
    return "."


def test_status_and_report_of_a_healthy_and_a_failed_run(capsys: pytest.CaptureFixture) -> None:
    assert status(losses(1.3, 0.8)) == 0
    assert "nothing was found" in capsys.readouterr().out
    assert status(losses(0.01, 9.0)) == 1
    assert "discriminator dominates" in capsys.readouterr().out


def test_json_is_plain(capsys: pytest.CaptureFixture) -> None:
    assert status(losses(float("nan"), 9.0), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["failed"]
    assert told["verdicts"][0]["kind"] == "divergence"
    assert told["names"] == {"d/loss": "d_loss", "g/loss": "g_loss"}


@pytest.mark.parametrize(("module", "data"), [("make", "batches"), ("Official", "Points")])
def test_a_module_is_tried_out(module: str, data: str, capsys: pytest.CaptureFixture) -> None:
    assert status(*live(module, data, "--steps", "80", "--accelerator", "cpu", "--json")) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert told["steps"] == 80
    assert told["calls"]["real"] > 0
    assert told["players"]["discriminator"]["networks"] == ["discriminator (Sequential)"]


def test_a_configuration_file_is_tried_out(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["gan-lightning"])
    Path("ring.yaml").write_text(
        "model:\n  class_path: VanillaGAN\ndata:\n  class_path: GaussianMixture\n  init_args: {batch_size: 64}\n"
        "trainer: {accelerator: cpu, enable_progress_bar: false}\n"
    )
    assert status("--config", "ring.yaml", "--steps", "60", "--accelerator", "cpu") in (0, 1)
    assert "discriminator" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ((), "name one of RUN_DIR, --module with --data, or --config FILE; got nothing"),
        (("nowhere",), "there is no 'nowhere'"),
        ((".",), "'.' holds no log of a run"),
        (("a", "b"), "one run at a time"),
        ((".", "--stepz", "3"), "diagnose has no option --stepz; did you mean '--steps'?"),
        ((".", "--steps", "3"), "--steps goes with --module or --config"),
        ((".", "--module", "a:b"), "got run_dir and --module"),
        (("--module", "mine_for_diagnose:make"), "--module needs data"),
        (("--module", "mine_for_diagnose", "--data", "a:b"), "--module must look like pkg.mod:name"),
        (("--config", "no.yaml"), "there is no configuration file 'no.yaml'"),
        (live("maek", "batches"), "mine_for_diagnose has no 'maek'; did you mean 'make'?"),
        (("--module", "no_such_home:M", "--data", "a:b"), "there is no module 'no_such_home'"),
        (live("Sized", "batches"), "mine_for_diagnose:Sized needs width: write a function without arguments"),
        (live("number", "batches"), "is no LightningModule, but a int"),
        (live("make", "number"), "neither a loader nor a LightningDataModule, but a int"),
        (live("make", "dataset"), "so single samples: name a DataLoader"),
        (live("make", "empty", "--accelerator", "cpu"), "the data are empty"),
        (live("make", "batches", "--steps", "0"), "expected at least 1 step, got 0"),
        (live("make", "batches", "--discriminator", "judge", "--accelerator", "cpu"), "no network 'judge'"),
    ],
)
def test_wrong_use_is_one_sentence(argv: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture) -> None:
    assert status(*argv) == 2
    said = capsys.readouterr().err.rpartition("gan-lightning: ")[2]
    assert complaint in said
    assert "\n" not in said.strip()
