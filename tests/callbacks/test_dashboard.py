"""What a dashboard keeps and shows whatever the logger, and training none the wiser."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks.test_sample_grid import images, small
from callbacks_resuming import straight_and_resumed
from foreign_modules import Official, batches_for
from helpers import Batches, fit, make
from lightning.pytorch import Callback
from lightning.pytorch.loggers import TensorBoardLogger
from watched import Keeps, Says, monitor, run

from gan_lightning import Dashboard, GeneratorEMA
from gan_lightning.callbacks.best_generator import BestGenerator


def test_training_is_the_same_with_and_without(tmp_path: Path) -> None:
    watched, plain = small(), small()
    callbacks = [GeneratorEMA(), Dashboard("d/loss", every=1, samples=2)]
    fit(watched, images(), callbacks=callbacks, log_every_n_steps=1, default_root_dir=tmp_path)
    fit(plain, images())
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, watched.state_dict()[name]), name
    assert (tmp_path / "best_generator.pt").exists()


def test_tensorboard_has_the_same(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.custom_scalar.layout_pb2 import Layout

    logger = TensorBoardLogger(tmp_path)
    callbacks = [monitor(Says("mode_collapse", 30)), Dashboard(every=30, samples=2, seed=5)]
    run(*callbacks, logger=logger, log_every_n_steps=10)
    found = EventAccumulator(logger.log_dir).Reload()
    (timeline,) = [each.tensor_proto.string_val[0].decode() for each in found.Tensors("health/timeline/text_summary")]
    assert "| mode collapse | failure | 30 | 30 |  | it was told so | 1. look; 2. wait |" in timeline
    tables = [each.tensor_proto.string_val[0].decode() for each in found.Tensors("samples/table/text_summary")]
    assert [table.splitlines()[0] for table in tables] == ["| seed | x0 | x1 |"] * 2
    assert [each.step for each in found.Scalars("kimg")] == [9, 19, 29, 39, 49, 59]
    layout = Layout.FromString(found.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0])
    charts = {chart.title: list(chart.multiline.tag) for each in layout.category for chart in each.chart}
    assert charts["Losses"] == ["d/loss", "g/loss"]


def test_images_go_to_tensorboard_beside_their_seeds(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logger = TensorBoardLogger(tmp_path)
    fit(small(), images(), callbacks=[Dashboard(every=4, samples=3)], logger=logger, log_every_n_steps=4)
    found = EventAccumulator(logger.log_dir).Reload()
    (picture,) = found.Images("samples/table")
    assert (picture.width, picture.height) == (192, 64)


class Figures(Callback):
    """Shows a figure per batch."""

    def __init__(self, *figures: float) -> None:
        self.figures = figures

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        trainer.callback_metrics["metrics/fid"] = torch.tensor(self.figures[trainer.fit_loop.total_batch_idx])


def kept(folder: Path, mode: str, *figures: float) -> dict[str, Any]:
    dashboard = Dashboard("metrics/fid", mode=mode)
    fit(make(), callbacks=[Figures(*figures), dashboard], log_every_n_steps=1, default_root_dir=folder)
    return json.loads((folder / "best_generator.json").read_text())


def test_the_best_is_kept_whatever_is_not_finite(tmp_path: Path) -> None:
    lowest = kept(tmp_path / "a", "min", float("nan"), 3.0, float("-inf"), 5.0)
    highest = kept(tmp_path / "b", "max", float("nan"), 3.0, float("inf"), 2.0)
    assert (lowest["value"], lowest["iteration"], lowest["images"]) == (3.0, 2, 16)
    assert (highest["value"], highest["iteration"], highest["weights"]) == (3.0, 2, "as trained")


def test_a_figure_that_never_comes_is_told() -> None:
    with pytest.warns(UserWarning, match=r"metrics/fid was never logged .*; logged: .*d/loss"):
        fit(make(), callbacks=[Dashboard("metrics/fid")], log_every_n_steps=1)


class Measured(Official):
    """A stranger's module that logs a figure."""

    def training_step(self, batch, batch_idx):
        super().training_step(batch, batch_idx)
        self.log("metrics/fid", self.generator[0].weight.abs().sum())


def test_a_resumed_run_knows_its_best(tmp_path: Path) -> None:
    data = batches_for(Official)
    straight, resumed = straight_and_resumed(Measured, lambda: Dashboard("metrics/fid", every=1), data, tmp_path)
    state = resumed[1].state_dict()
    assert state == straight[1].state_dict()
    assert state["images"] == 2 * sum(len(batch) for batch in data)
    assert state["best"]["value"] > 0


def test_another_module_starts_anew(tmp_path: Path) -> None:
    dashboard = Dashboard("d/loss", every=1, samples=1)
    for _ in range(2):
        fit(make(), callbacks=[dashboard], log_every_n_steps=1, default_root_dir=tmp_path)
    assert dashboard.state_dict()["images"] == 32


def test_it_runs_on_a_strangers_module(tmp_path: Path) -> None:
    keeps = Keeps()
    dashboard = Dashboard("metrics/fid", every=2)
    callbacks = [Figures(*[3.0, 2.0, 1.0, 4.0, 5.0, 6.0]), dashboard]
    data = Batches(*batches_for(Official))
    fit(Official(), data, callbacks=callbacks, logger=keeps, log_every_n_steps=1, default_root_dir=tmp_path)
    assert dashboard.state_dict()["best"]["details"]["iteration"] == 3
    assert not list(tmp_path.rglob("samples*"))


def test_a_sample_that_fails_ends_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = make()
    monkeypatch.setattr(module, "sample", lambda n, seed: torch.zeros(n, 5, 5))
    with pytest.warns(UserWarning, match=r"could not draw samples: ValueError: .* the samples are \(5, 5\)"):
        fit(module, callbacks=[Dashboard(every=2)], default_root_dir=tmp_path)


def test_a_table_without_a_logger_is_a_file(tmp_path: Path) -> None:
    run(monitor(Says("mode_collapse", 30)), Dashboard(every=1000), default_root_dir=tmp_path)
    (file,) = (tmp_path / "media").glob("health-timeline-*.csv")
    with file.open(newline="") as stream:
        assert [row["since"] for row in csv.DictReader(stream)] == ["30"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"every": 0}, "at least 1, got 0"),
        ({"samples": 0}, "at least 1"),
        ({"monitor": "x", "mode": "best"}, 'expected "min"'),
        ({"alert_minutes": -1}, "alert_minutes is -1"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Dashboard(**arguments)


def test_ties_keep_the_first() -> None:
    best = BestGenerator("x", "max")
    best.value = 2.0
    assert [best.improves(value) for value in (2.0, 2.1, torch.tensor(3.0))] == [False, True, True]
