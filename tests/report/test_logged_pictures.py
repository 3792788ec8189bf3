"""Pictures of runs whose only logger keeps them to itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from helpers import fit, make, points

from gan_lightning import SampleGrid
from gan_lightning.report import write_report

pytest.importorskip("plotly", reason="plotly is not installed: pip install 'gan-lightning[report]'")


def trained(logger: Any) -> None:
    fit(make(), points(), callbacks=[SampleGrid(every=2, rows=2, columns=2)], logger=logger, log_every_n_steps=1)


def pictures(place: Path) -> list[int]:
    data = json.loads(re.search(r'id="data">(.+?)</script>', write_report([place]).read_text())[1])
    return [frame["at"] for frame in data["reels"][0]["samples"]]


def test_those_of_tensorboard() -> None:
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from lightning.pytorch.loggers import TensorBoardLogger

    trained(TensorBoardLogger("tb"))
    assert not list(Path("tb").rglob("media"))
    assert pictures(Path("tb")) == [2, 4]


def test_those_of_wandb(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="wandb is not installed")
    from lightning.pytorch.loggers import WandbLogger
    from wandb_file import finished, wandb_environment

    for name, value in wandb_environment(Path.cwd()).items():
        monkeypatch.setenv(name, value)
    place = Path("wb").absolute()  # wandb's own process may have been started elsewhere
    finished(lambda: trained(WandbLogger(save_dir=place, offline=True)))
    assert pictures(place) == [2, 4]
