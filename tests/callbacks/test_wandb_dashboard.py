"""Everything that is promised is read back from an offline run's files."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import LATENT, Batches, fit, make
from jsonargparse import ArgumentParser
from lightning.pytorch import Callback
from lightning.pytorch.loggers import CSVLogger, WandbLogger
from matplotlib.image import imread
from wandb_file import WandbFile, finished, wandb_environment
from watched import BATCH, Keeps, Says, monitor

from gan_lightning import DCGAN, GeneratorEMA, WandbDashboard
from gan_lightning.logging import log_scalars

pytest.importorskip("wandb")


class Measures(Callback):
    """Logs what an evaluation would, at every tenth iteration."""

    every = 10
    values = (9.0, 4.0, 6.0, 8.0, 7.0, 5.0)

    def __init__(self) -> None:
        self.weights: list[torch.Tensor] = []

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        iteration = trainer.fit_loop.total_batch_idx + 1
        if iteration % self.every == 0:
            figures = {"metrics/fid": self.values[iteration // self.every - 1], "metrics/recall": iteration / 100}
            trainer.callback_metrics.update({name: torch.tensor(value) for name, value in figures.items()})
            log_scalars(trainer, figures)
            ema = next(each for each in trainer.callbacks if isinstance(each, GeneratorEMA))
            self.weights.append(ema.average_model()[0].weight.clone())


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in wandb_environment(tmp_path).items():
        monkeypatch.setenv(name, value)


def images(batches: int) -> Batches:
    return Batches(*torch.rand(batches, 16, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1)


def small() -> DCGAN:
    torch.manual_seed(1)
    return DCGAN(shape=(1, 8, 8), width_d=4, width_g=4, latent_dim=LATENT)


def points() -> Batches:
    return Batches(*torch.randn(60, BATCH, 2, generator=torch.Generator().manual_seed(0)))


def test_a_run_read_back(tmp_path: Path) -> None:
    measures, module = Measures(), make()
    dashboard = WandbDashboard(monitor="metrics/fid", every=20, samples=3, seed=5)
    watching = monitor(Says("mode_collapse", 30, 31), Says("oscillation", 40, severity="warning"))
    ema = GeneratorEMA(half_life_kimg=0.5)
    logger = WandbLogger(offline=True, save_dir=tmp_path)
    callbacks = [ema, watching, measures, dashboard]
    finished(lambda: fit(module, points(), callbacks=callbacks, logger=logger, log_every_n_steps=10))
    run = WandbFile(tmp_path)

    metrics = {each.name: each for each in run.of("metric") if each.name}
    assert (metrics["metrics/fid"].step_metric, metrics["metrics/fid"].summary.min) == ("kimg", True)
    assert (metrics["metrics/recall"].step_metric, metrics["metrics/recall"].summary.max) == ("kimg", True)
    assert (metrics["d/loss"].step_metric, metrics["d/loss"].summary.last) == ("trainer/global_step", True)
    assert metrics["kimg"].options.hidden
    assert run.summary["metrics/fid"] == {"min": 4.0, "last": 5.0}
    assert run.summary["metrics/recall"] == {"max": 0.6, "last": 0.6}
    assert run.summary["health/verdicts"]["max"] == 2

    figures = [row for row in run.history if "metrics/fid" in row]
    assert [row["kimg"] for row in figures] == pytest.approx([0.256 * n for n in (10, 20, 30, 40, 50, 60)])
    assert [row["trainer/global_step"] for row in run.history if "d/loss" in row] == [9, 19, 29, 39, 49, 59]

    samples = run.tables("samples/table")
    assert len(samples) == 3
    assert samples[-1]["columns"] == ["seed", "x0", "x1"]
    assert [row[0] for row in samples[-1]["data"]] == [5, 6, 7]
    with ema.applied():
        for seed, *point in samples[-1]["data"]:
            assert point == pytest.approx(module.sample(1, seed=int(seed))[0].tolist())

    timeline = run.tables("health/timeline")
    assert [[row[:5] for row in each["data"]] for each in timeline] == [
        [["mode collapse", "failure", 30, 30, None]],
        [["mode collapse", "failure", 30, 30, None], ["oscillation", "warning", 40, 40, None]],
        [["mode collapse", "failure", 30, 30, 60], ["oscillation", "warning", 40, 40, None]],
    ]
    assert [each.title for each in run.of("alert")] == ["mode collapse since iteration 30"]

    (artifact,) = run.artifacts("model")
    assert sorted(artifact.aliases) == ["best", "latest"]
    files = {each.path: Path(each.local_path) for each in artifact.manifest.contents}
    state = torch.load(files["best_generator.pt"], weights_only=True)
    torch.testing.assert_close(state["0.weight"], measures.weights[1], rtol=0, atol=0)
    details = json.loads(artifact.metadata)
    assert details == json.loads(files["best_generator.json"].read_text())
    assert (details["value"], details["iteration"], details["images"]) == (4.0, 20, 20 * BATCH)
    assert details["weights"] == "average, half-life 0.5 kimg"
    module.generator.load_state_dict(state)


def test_images_lie_in_the_table(tmp_path: Path) -> None:
    logger = WandbLogger(offline=True, save_dir=tmp_path)
    dashboard = WandbDashboard(every=4, samples=2)
    finished(lambda: fit(small(), images(4), callbacks=[dashboard], logger=logger, log_every_n_steps=4))
    run = WandbFile(tmp_path)
    (artifact,) = run.artifacts("run_table")
    files = {each.path: Path(each.local_path) for each in artifact.manifest.contents}
    (table,) = [json.loads(file.read_text()) for path, file in files.items() if path.endswith(".table.json")]
    assert table["columns"] == ["seed", "image"]
    assert [row[0] for row in table["data"]] == [0, 1]
    pictures = [imread(files[row[1]["path"]]) for row in table["data"]]
    assert [picture.shape[:2] for picture in pictures] == [(64, 64)] * 2


def test_without_wandb_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ModuleNotFoundError, match="pip install wandb"):
        WandbDashboard()


def test_loggers_without_wandb_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no WandbLogger among the trainer's loggers \(CSVLogger\)"):
        fit(make(), callbacks=[WandbDashboard()], logger=CSVLogger(tmp_path))


def test_without_any_logger_there_are_files(tmp_path: Path) -> None:
    fit(make(), callbacks=[WandbDashboard(every=2, samples=2)], default_root_dir=tmp_path)
    assert [file.name for file in sorted((tmp_path / "media").iterdir())] == [
        "samples-table-0000001.csv",
        "samples-table-0000003.csv",
    ]


class Broken:
    """What a logger writes to, and it always fails."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> None:
            raise ConnectionError("away")

        return fail


class Down(Keeps):
    """A logger with wandb's abilities that is away for the whole run."""

    log_metrics = log_table = Broken().anything

    @property
    def experiment(self) -> Any:
        return Broken()


def test_a_logger_that_fails_costs_a_warning_and_nothing_else(tmp_path: Path) -> None:
    down, keeps, module, plain = Down(), Keeps(), make(), make()
    dashboard = WandbDashboard(every=2, samples=2)
    arguments = {"log_every_n_steps": 10**6, "default_root_dir": tmp_path}
    with pytest.warns(UserWarning, match=r"Down could not .* ConnectionError: away \(training goes on"):
        fit(module, callbacks=[dashboard], logger=[keeps, down], **arguments)
    fit(plain)
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, module.state_dict()[name]), name
    assert [values["kimg"] for values, _ in keeps.logged if "kimg" in values] == [0.016, 0.032]


def test_from_the_command_line(tmp_path: Path) -> None:
    config = {"monitor": "metrics/fid", "mode": "min", "every": 100, "alert_minutes": 5}
    parser = ArgumentParser()
    parser.add_subclass_arguments(Callback, "callback")
    given = {"class_path": "gan_lightning.WandbDashboard", "init_args": config}
    dashboard = parser.instantiate_classes(parser.parse_object({"callback": given})).callback
    assert isinstance(dashboard, WandbDashboard)
    assert {name: getattr(dashboard, name) for name in config} == config
