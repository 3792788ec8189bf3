"""Figures that ``ModelCheckpoint`` and ``EarlyStopping`` monitor, evaluations that fail, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks.test_evaluation import Mean, kid
from foreign_modules import Official, batches_for
from helpers import Batches, fit, make, points
from jsonargparse import ArgumentParser
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch import Tensor
from torch.utils.data import DataLoader

from gan_lightning import Evaluation
from gan_lightning.callbacks import evaluated
from gan_lightning.callbacks import evaluation as evaluation_module
from gan_lightning.callbacks.generated import Sampled
from gan_lightning.data import TensorData
from gan_lightning.metrics import KID


def clock(module: Any, n: int) -> Tensor:
    """Samples of which the mean is the iteration."""
    return torch.full((n, 2), float(module.iteration))


def timed(**arguments: Any) -> Evaluation:
    return Evaluation({"mean": Mean()}, sample=clock, **{"every": 6, "num_samples": 8, **arguments})


@pytest.mark.parametrize("first", [0, 1])
def test_early_stopping_counts_evaluations(first: int) -> None:
    stopper = EarlyStopping("metrics/mean", patience=2)
    both: list[Callback] = [stopper, timed()]
    run = fit(make(), points(), callbacks=both if first else both[::-1], max_epochs=20)
    assert run.global_step == 20  # the epoch's end after the third evaluation, at 18
    assert stopper.wait_count == 2
    assert "_should_skip_check" not in vars(stopper)


def test_early_stopping_at_validation() -> None:
    data = TensorData(torch.randn(40, 2), batch_size=8, val_fraction=0.2)
    stopper = EarlyStopping("metrics/mean", patience=1)
    run = fit(make(), data, callbacks=[timed(every=None), stopper], max_epochs=9, check_val_every_n_epoch=2)
    assert run.global_step == 16


def test_checkpoints_are_of_the_best(tmp_path: Path) -> None:
    best = ModelCheckpoint(tmp_path / "a", monitor="metrics/mean", mode="max", every_n_train_steps=6)
    per_epoch = ModelCheckpoint(tmp_path / "b", monitor="metrics/mean", mode="min")
    fit(make(), points(), callbacks=[best, per_epoch, timed()], max_epochs=5, enable_checkpointing=True)
    assert best.best_model_score == 18
    assert "step=18" in best.best_model_path
    assert per_epoch.best_model_score == 6


def test_checkpoints_at_validation(tmp_path: Path) -> None:
    data = TensorData(torch.randn(40, 2), batch_size=8, val_fraction=0.2)
    best = ModelCheckpoint(tmp_path, monitor="metrics/mean", mode="min")
    fit(make(), data, callbacks=[timed(every=None), best], max_epochs=3, enable_checkpointing=True)
    assert best.best_model_score == 4
    assert "step=4" in best.best_model_path


def test_an_evaluation_that_fails_does_not_end_the_training() -> None:
    def broken(module: Any, n: int) -> Tensor:
        return torch.full((n, 2), torch.nan if module.iteration > 3 else 0.0)

    evaluation = kid(sample=broken)
    with pytest.warns(
        UserWarning, match=r"failed at iteration 4: ValueError: 10 of 10 samples have NaN.*goes on"
    ) as told:
        run = fit(make(), points(), callbacks=[evaluation], max_epochs=2)
    assert sum("Evaluation" in str(each.message) for each in told) == 1
    assert run.global_step == 8
    assert evaluation.last is not None
    assert evaluation.last.iteration == 2


def test_it_waits_for_enough_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for module in (evaluation_module, evaluated):
        monkeypatch.setattr(module, "announce", lambda _, text: said.append(text))
    evaluation = kid(num_samples=40)
    fit(Official(), Batches(*batches_for(Official)), callbacks=[evaluation])
    assert said[0].startswith("Evaluation waits at iteration 2: ")
    assert [text.split(":")[0] for text in said[1:]] == ["Iteration 6"]


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"metrics": {}}, ValueError, "has no metrics"),
        ({"metrics": {"fid": "FID"}}, TypeError, "'fid' is a str"),
        ({"metrics": {"kid": KID()}}, ValueError, "needs 1,000 samples at least, got num_samples=24"),
        ({"every": 0}, ValueError, "got 0, 24"),
        ({"num_samples": 0}, ValueError, "got 2, 0"),
        ({"real": "test"}, ValueError, "expected 'train', 'val'"),
    ],
    ids=["none", "no metric", "too few", "every", "num_samples", "real"],
)
def test_arguments_are_checked(arguments: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Evaluation(**{"metrics": {"kid": KID(10, 2)}, "every": 2, "num_samples": 24, **arguments})


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"sample": "nothing"}, TypeError, "no method 'nothing'"),
        ({"sample": lambda module, n: torch.zeros(3, 2)}, ValueError, r"asked for 8 samples, got \(3, 2\)"),
        ({"generator": "nothing"}, ValueError, "no network 'nothing'"),
        ({"real": torch.randn(30, 3)}, ValueError, r"generated samples are \(2,\), the real ones \(3,\)"),
        ({"real": torch.zeros(30, 2, dtype=torch.uint8)}, ValueError, "scale bytes"),
        ({"real": [["no", "tensors"]]}, ValueError, "without floating tensors"),
        ({"real": iter([torch.zeros(8, 2)])}, TypeError, "can be read once"),
        ({"real": []}, ValueError, "no real samples"),
        ({"real": "val"}, ValueError, "no loaders of val data"),
    ],
    ids=["method", "rows", "generator", "sizes", "bytes", "no tensors", "iterator", "empty", "no val"],
)
def test_what_cannot_work_is_refused_when_the_fit_starts(
    arguments: dict[str, Any], error: type[Exception], said: str
) -> None:
    gan = make()
    with pytest.raises(error, match=said):
        fit(gan, points(), callbacks=[kid(**arguments)])
    assert gan.iteration == 0


def test_a_stranger_is_refused_after_its_first_batch() -> None:
    with pytest.raises(ValueError, match=r"the real ones \(3,\)"):
        fit(Official(), Batches(*batches_for(Official)), callbacks=[kid(real=torch.randn(30, 3))])


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_a_run_without_validation_is_told(share: float) -> None:
    data = TensorData(torch.randn(40, 2), batch_size=8, val_fraction=share)
    with pytest.warns(UserWarning, match="measures at each validation, and this run has none"):
        fit(make(), data, callbacks=[kid(every=None)], limit_val_batches=0)


def test_a_run_that_ends_before_the_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(evaluation_module, "announce", lambda _, text: said.append(text))
    fit(make(), points(), callbacks=[kid(every=1000)])
    assert said == ["Evaluation measured nothing: the run ended before iteration 1,000, its first"]


def test_too_few_are_refused_before_it_trains() -> None:
    for real in (torch.randn(5, 2), DataLoader(torch.randn(5, 2), batch_size=8)):
        with pytest.raises(ValueError, match=r"'kid' \(KID\) needs 10 real samples at least, and there are 5"):
            fit(make(), points(), callbacks=[kid(real=real)])
    with pytest.raises(ValueError, match="16 samples in parts of 16 are too few for 2 ranks"):
        Sampled(make(), lambda n, _: torch.zeros(n, 2), 16, 0).check(16, 2)


def test_yaml() -> None:
    parser = ArgumentParser()
    parser.add_subclass_arguments(Callback, "callback")
    metric = {"class_path": "gan_lightning.metrics.KID", "init_args": {"subset_size": 20}}
    given = {"class_path": "gan_lightning.callbacks.Evaluation", "init_args": {"metrics": {"kid": metric}, "every": 9}}
    built = parser.instantiate_classes(parser.parse_object({"callback": given})).callback
    assert built.panel.metrics["kid"].subset_size == 20
    assert (built.every, built.real) == (9, "train")
