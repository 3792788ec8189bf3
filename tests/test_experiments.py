"""Every configuration in experiments/ parses, round trips and runs a few steps."""

import sys
from pathlib import Path

import pytest

from gan_lightning.cli import main

ALL = sorted((Path(__file__).parents[1] / "experiments").rglob("*.yaml"))
CONFIGS = [file for file in ALL if "\ndata:" in file.read_text()]  # the others are parts, tried with the whole


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_it_trains(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gan-lightning"])
    main(["fit", "--config", str(config), "--trainer.max_steps", "3", "--trainer.enable_progress_bar", "false"])
    assert list(tmp_path.rglob("config.yaml"))
    assert list(tmp_path.rglob("samples.png")) or list(tmp_path.rglob("density.png"))
    assert list(tmp_path.rglob("*.ckpt"))


def test_there_are_some() -> None:
    assert CONFIGS
