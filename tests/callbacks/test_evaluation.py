"""Figures that the rest of Lightning can watch, of which training notices nothing, whatever the module."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, PLAYERS, Official, batches_for
from helpers import Batches, InterruptError, fit, make, points, weights
from lightning.pytorch import Callback
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics import MeanMetric, Metric

from gan_lightning import Evaluation, GeneratorEMA
from gan_lightning.callbacks import evaluator
from gan_lightning.callbacks.evaluation_file import read_evaluations
from gan_lightning.data import TensorData
from gan_lightning.metrics import KID, PRDC, ModeCoverage, VendiScore


class Mean(Metric):
    """The mean of the generated samples, and what it was of the real ones."""

    full_state_update = False

    def __init__(self) -> None:
        super().__init__()
        for name in ("fake", "real", "count"):
            self.add_state(name, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, samples: Tensor, real: bool = False) -> None:
        if real:
            self.real += samples.double().sum()
        else:
            self.fake += samples.double().sum()
            self.count += samples.numel()

    def compute(self) -> dict[str, Tensor]:
        return {"mean": self.fake / self.count, "mean_perfect": self.real}


def kid(**arguments: Any) -> Evaluation:
    return Evaluation({"kid": KID(10, 3)}, **{"every": 2, "num_samples": 24, "batch_size": 10, **arguments})


def test_figures_go_to_loggers_callbacks_and_a_file(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path, name="x")
    metrics = {"kid": KID(10, 3), "modes": ModeCoverage(torch.eye(2), 0.3), "vendi": VendiScore()}
    evaluation = Evaluation(metrics, every=2, num_samples=24, batch_size=10)
    run = fit(make(), points(), callbacks=[evaluation], logger=logger)
    names = {"kid", "kid_std", "modes", "modes_by_one_sample", "modes_valid", "modes_tv", "modes_reverse_kl"}
    names |= {"vendi", "vendi_real"}
    assert evaluation.last is not None
    assert set(evaluation.last.values) == {f"metrics/{name}" for name in names}
    assert evaluation.last.iteration == 4
    assert {name: float(run.callback_metrics[name]) for name in evaluation.last.values} == pytest.approx(
        evaluation.last.values
    )
    rows = Path(logger.log_dir, "metrics.csv").read_text().splitlines()
    assert "metrics/kid_std" in rows[0]
    lines = [json.loads(line) for line in Path(logger.log_dir, "metrics.jsonl").read_text().splitlines()]
    assert [(each["iteration"], each["metric"]) for each in lines] == [
        (iteration, name) for iteration in (2, 4) for name in ("kid", "modes", "vendi")
    ]
    assert lines[0]["facts"] == {
        "n_fake": 24, "n_real": 24, "embedder": "none", "resize": "none", "weights": "raw"
    }  # fmt: skip
    assert lines[0]["floors"] is None
    assert set(lines[1]["floors"]) == {"valid", "tv", "reverse_kl"} < set(lines[1]["values"])


def test_the_figures_are_those_of_the_samples() -> None:
    """Seeds say which; the real samples are the loader's first whole batches."""
    gan, evaluation = make(), Evaluation({"mean": Mean()}, every=4, num_samples=20, batch_size=8)
    fit(gan, points(), callbacks=[evaluation])
    samples = torch.cat([gan.sample(n, seed=at) for at, n in enumerate((8, 8, 4))])
    assert evaluation.last is not None
    assert evaluation.last.values == {"metrics/mean": pytest.approx(float(samples.double().mean()), abs=1e-12)}
    real = torch.cat(list(points())[:3]).double().sum()
    assert read_evaluations(".")[0]["floors"]["mean"] == real
    assert evaluation.last.facts["mean"]["n_real"] == 24


def loaders() -> dict[str, Any]:
    samples = torch.randn(40, 2, generator=torch.Generator().manual_seed(5))
    return {
        "loader": DataLoader(TensorDataset(samples), batch_size=8, shuffle=True),
        "batches": points(),
        "data module": TensorData(samples, batch_size=8),
        "its loader": TensorData(samples, batch_size=8).train_dataloader(),
    }


@pytest.mark.parametrize("name", loaders())
def test_watching_changes_nothing(name: str) -> None:
    def trained(*callbacks: Callback) -> Tensor:
        torch.manual_seed(1)
        gan = make(generator=nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 2)))
        fit(gan, loaders()[name], callbacks=[GeneratorEMA(0.05), *callbacks], max_epochs=2)
        assert gan.training
        return torch.cat([weights(gan), *(buffer.float().flatten() for buffer in gan.buffers()), torch.rand(3)])

    assert torch.equal(trained(), trained(kid(every=1)))


@pytest.mark.parametrize("first", [0, 1])
def test_the_average_is_measured_wherever_it_stands(first: int) -> None:
    ema, evaluation = GeneratorEMA(0.05), Evaluation({"mean": Mean()}, every=4, num_samples=16, batch_size=16)
    gan = make()
    fit(gan, points(), callbacks=[ema, evaluation] if first else [evaluation, ema])
    with ema.applied():
        expected = float(gan.sample(16, seed=0).double().mean())
    assert evaluation.last is not None
    assert evaluation.last.values["metrics/mean"] == pytest.approx(expected, abs=1e-12)
    assert evaluation.last.facts["mean"]["weights"] == "average"
    assert expected != pytest.approx(float(gan.sample(16, seed=0).double().mean()), abs=1e-6)


@pytest.mark.parametrize("cls", FOREIGN)
def test_the_inputs_of_strangers_are_played_again(cls: type) -> None:
    module, evaluation = cls(), Evaluation(
        {"mean": Mean()}, every=6, num_samples=20, generator=PLAYERS[cls][1]
    )  # fmt: skip
    seen: list[Any] = []
    network = module.get_submodule(PLAYERS[cls][1])
    network.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].clone()))
    calls: list[int] = []

    class Counts(Callback):
        def on_train_batch_start(self, *_: Any) -> None:
            calls.append(len(seen))

    fit(module, Batches(*batches_for(cls)), callbacks=[Counts(), evaluation])
    inputs = torch.cat([seen[at] for at in calls[:3]])[:20]
    assert evaluation.last is not None
    expected = float(network(inputs).detach().double().mean())
    assert evaluation.last.values["metrics/mean"] == pytest.approx(expected, abs=1e-6)


def test_a_stranger_trains_as_if_nobody_watched() -> None:
    def trained(*callbacks: Callback) -> Tensor:
        torch.manual_seed(1)
        module = Official()
        fit(module, Batches(*batches_for(Official)), callbacks=list(callbacks))
        return weights(module)

    assert torch.equal(trained(), trained(kid(every=2, num_samples=16)))


def test_a_method_or_a_function_makes_samples() -> None:
    class Samples(Official):
        def some(self, n: int) -> Tensor:
            return self(torch.randn(n, 4))

    found = []
    for sample in ("some", lambda module, n: module(torch.randn(n, 4))):
        torch.manual_seed(1)
        module, evaluation = Samples(), Evaluation({"mean": Mean()}, every=6, num_samples=20, sample=sample)
        fit(module, Batches(*batches_for(Official)), callbacks=[evaluation])
        assert evaluation.last is not None
        found.append(evaluation.last.values)
    assert found[0] == found[1]


def test_validation_is_the_clock_if_there_is_no_other() -> None:
    data = TensorData(torch.randn(50, 2), batch_size=8, val_fraction=0.2)
    evaluation = kid(every=None, real="val", num_samples=10)
    run = fit(make(), data, callbacks=[evaluation], max_epochs=3)
    assert evaluation.last is not None
    assert [each["iteration"] for each in read_evaluations(".")] == [5, 10, 15]
    assert evaluation.last.facts["kid"]["n_real"] == 10
    run.validate(make(), data, verbose=False)
    assert evaluation.last.iteration == 15


def test_a_long_one_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(evaluator, "SECONDS", -1.0)
    monkeypatch.setattr(evaluator, "announce", lambda _, text: said.append(text))
    fit(make(), points(), callbacks=[kid(every=4)])
    assert said[0] == "Evaluation: 8 of 24 real samples"
    assert said[-1] == "Evaluation: 24 of 24 generated samples"


def test_a_figure_of_another_library() -> None:
    evaluation = Evaluation({"average": MeanMetric()}, every=4, num_samples=20)
    fit(make(), points(), callbacks=[evaluation])
    assert evaluation.last is not None
    assert list(evaluation.last.values) == ["metrics/average"]
    assert evaluation.last.facts["average"]["n_real"] == 0


def test_images_are_clamped_as_the_data_are() -> None:
    class Peak(Mean):
        def update(self, samples: Tensor, real: bool = False) -> None:
            super().update(samples.amax()[None], real)

    images = torch.rand(24, 1, 4, 4) * 2 - 1
    generator = nn.Sequential(nn.Linear(4, 16), nn.Unflatten(1, (1, 4, 4)))
    nn.init.constant_(generator[0].bias, 5.0)
    gan = make(generator=generator, discriminator=nn.Sequential(nn.Flatten(), nn.Linear(16, 1)))
    evaluation = Evaluation({"peak": Peak()}, every=2, num_samples=8)
    fit(gan, TensorData(images, batch_size=8), callbacks=[evaluation])
    assert evaluation.last is not None
    assert evaluation.last.values["metrics/peak"] == 1.0


@pytest.mark.filterwarnings("ignore:precision, recall")
def test_a_resumed_run_measures_what_the_straight_one_does(tmp_path: Path) -> None:
    data = torch.randn(64, 2)
    for cls in (make, Official):
        folder = tmp_path / cls.__name__

        def play(*more: Callback, cls: Any = cls, folder: Path = folder, **resume: Any) -> Evaluation:
            torch.manual_seed(1)
            evaluation = Evaluation({"mean": Mean(), "prdc": PRDC(2)}, every=3, num_samples=16)
            fit(cls(), TensorData(data, batch_size=8), callbacks=[evaluation, *more], default_root_dir=folder, **resume)
            return evaluation

        class Stops(Callback):
            def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
                if trainer.fit_loop.total_batch_idx == 4:
                    trainer.save_checkpoint("x.ckpt")
                    raise InterruptError

        straight = play()
        lines = read_evaluations(folder)
        with pytest.raises(InterruptError):
            play(Stops())
        resumed = play(ckpt_path="x.ckpt")
        assert read_evaluations(folder)[0] == lines[0]
        assert [each["iteration"] for each in read_evaluations(folder)] == [each["iteration"] for each in lines]
        assert straight.last is not None
        if cls is make:
            assert read_evaluations(folder) == lines
            assert resumed.last == straight.last
