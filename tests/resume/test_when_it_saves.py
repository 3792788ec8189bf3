"""``ModelCheckpoint`` with a GAN: by iterations, by time, by metric, the last, and on an exception."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from helpers import InterruptError, fit, make, trainer, weights
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import ModelCheckpoint, model_checkpoint

from gan_lightning import GAN
from gan_lightning.data import TensorData

pytestmark = pytest.mark.filterwarnings("ignore:Be aware that when using `ckpt_path`, callbacks used to create")
EACH = {"filename": "{step}", "save_top_k": -1, "auto_insert_metric_name": False}


def data(val_fraction: float = 0.0) -> TensorData:
    samples = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    return TensorData(samples, batch_size=8, seed=3, val_fraction=val_fraction)


def run(gan: GAN, *callbacks: Callback, held_out: float = 0.0, **arguments: Any) -> GAN:
    """Two epochs of five batches."""
    arguments = {"max_epochs": 2, "enable_checkpointing": True, **arguments}
    fit(gan, data(held_out), callbacks=list(callbacks), **arguments)
    return gan


def iterations(folder: Path) -> dict[int, int]:
    """The module's own clock in each file, by the step in its name."""
    return {
        int(file.stem): torch.load(file, weights_only=True)["gan_lightning"]["iteration"]
        for file in folder.glob("*.ckpt")
    }


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Callback:
    """A callback with which each batch takes a minute by the clock of ``ModelCheckpoint``."""

    class Minutes(Callback):
        now = 0.0

        def on_train_batch_start(self, *_: Any) -> None:
            self.now += 60

    clock = Minutes()
    monkeypatch.setattr(model_checkpoint, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.mark.parametrize(("d_steps", "steps"), [(1, [3, 6, 9]), (2, [1, 3, 4])])
def test_by_time(d_steps: int, steps: list[int], minutes: Callback, tmp_path: Path) -> None:
    run(make(d_steps=d_steps), minutes, ModelCheckpoint(tmp_path, train_time_interval=timedelta(minutes=3), **EACH))
    assert iterations(tmp_path) == dict(zip(steps, [3, 6, 9], strict=True))


def test_a_run_saved_by_time_resumes_as_the_straight_one(minutes: Callback, tmp_path: Path) -> None:
    straight = run(make(), minutes, ModelCheckpoint(tmp_path, train_time_interval=timedelta(minutes=1), **EACH))
    files = list(tmp_path.glob("*.ckpt"))
    assert len(files) == 10
    for file in files:
        resumed = run(make(), seed=99, ckpt_path=file, enable_checkpointing=False)
        assert torch.equal(weights(straight), weights(resumed)), file.name


def test_by_time_and_metric_and_the_last(minutes: Callback, tmp_path: Path) -> None:
    by_time = ModelCheckpoint(
        tmp_path, "{step}", train_time_interval=timedelta(minutes=2), monitor="d/loss", save_top_k=1, save_last=True,
    )  # fmt: skip
    run(make(), minutes, by_time, log_every_n_steps=1)
    assert len(list(tmp_path.glob("step=*.ckpt"))) == 1
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["gan_lightning"]["iteration"] == 10


@pytest.mark.parametrize("d_steps", [1, 2])
def test_by_iterations(d_steps: int, tmp_path: Path) -> None:
    run(make(d_steps=d_steps), ModelCheckpoint(tmp_path, every_n_train_steps=2, **EACH))
    assert iterations(tmp_path) == {step: step * d_steps for step in range(2, 10 // d_steps + 1, 2)}


class Recording(GAN):
    """Keeps its discriminator's loss at each iteration."""

    def d_terms(self, step: Any) -> Any:
        terms = super().d_terms(step)
        self.__dict__.setdefault("losses", {})[self.iteration + 1] = float(terms.total().detach())
        return terms


@pytest.mark.parametrize("mode", ["min", "max"])
def test_by_a_metric_of_training(mode: str, tmp_path: Path) -> None:
    best = ModelCheckpoint(
        tmp_path, "{step}", every_n_train_steps=1, monitor="d/loss", mode=mode, save_top_k=3,
        auto_insert_metric_name=False, save_on_train_epoch_end=False,
    )  # fmt: skip
    losses = run(make(Recording), best, log_every_n_steps=1).losses
    ranked = sorted(losses, key=losses.__getitem__, reverse=mode == "max")
    assert set(iterations(tmp_path)) == set(ranked[:3])
    assert {int(Path(file).stem): float(loss) for file, loss in best.best_k_models.items()} == {
        step: losses[step] for step in ranked[:3]
    }
    assert int(Path(best.best_model_path).stem) == ranked[0]


class HeldOut(Callback):
    """What a metric was after each validation."""

    def __init__(self, name: str) -> None:
        self.name, self.seen = name, {}

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            self.seen[pl_module.iteration] = float(trainer.callback_metrics[self.name])


@pytest.mark.parametrize("every", [4, 2])
def test_by_a_metric_of_validation(every: int, tmp_path: Path) -> None:
    """Four batches per epoch; what is saved is scored by the validation that sees it."""
    scores = HeldOut("val/d/score")
    best = ModelCheckpoint(tmp_path, "{step}", monitor="val/d/score", save_top_k=2, auto_insert_metric_name=False)
    interval: float = 1.0 if every == 4 else every
    run(make(), scores, best, held_out=0.2, max_epochs=4, val_check_interval=interval)
    assert list(scores.seen) == list(range(every, 17, every))
    ranked = sorted(scores.seen, key=scores.seen.__getitem__)
    assert set(iterations(tmp_path)) == set(ranked[:2])
    kept = {int(Path(file).stem): float(score) for file, score in best.best_k_models.items()}
    assert kept == {step: scores.seen[step] for step in ranked[:2]}


class Fails(Callback):
    """An exception after the seventh batch. Within a batch, what is saved would be what it has come to by then."""

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        if pl_module.iteration == 7:
            raise InterruptError


def test_on_an_exception(tmp_path: Path) -> None:
    callbacks = [Fails(), ModelCheckpoint(tmp_path, save_on_exception=True, save_last=True, **EACH)]
    with pytest.raises(InterruptError):
        trainer(max_epochs=2, enable_checkpointing=True, callbacks=callbacks).fit(seeded(), data())
    assert iterations_of(tmp_path / "last.ckpt") == 7
    resumed = run(make(), seed=99, ckpt_path=tmp_path / "last.ckpt", enable_checkpointing=False)
    assert torch.equal(weights(run(make())), weights(resumed))


def seeded() -> GAN:
    gan = make()
    torch.manual_seed(2)
    return gan


def iterations_of(file: Path) -> int:
    iteration: int = torch.load(file, weights_only=True)["gan_lightning"]["iteration"]
    return iteration
