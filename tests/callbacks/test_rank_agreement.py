"""RankAgreement names what differs between the ranks, by how much and since when, and is silent where nothing does."""

import os
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import LATENT, Official, RawBackward, batches_for
from helpers import Batches, fit, trainer, weights
from lightning.pytorch import Callback
from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.strategies import DDPStrategy
from techniques import batches, toy
from torch import nn
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import R1, RankAgreement

RANK = int(os.environ.get("LOCAL_RANK", 0))
LAYERS = ("0.weight", "0.bias", "2.weight", "2.bias")


class Kept(Logger):
    """Keeps the numbers of ranks that differ, by step."""

    name, version = "kept", 0

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[int, float]] = []

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None: ...

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        if "ranks/differ" in metrics:
            self.kept.append((step, metrics["ranks/differ"]))


class WithStatistics(Official):
    """Batch norm in the generator, and a counter that counts on each rank what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(LATENT, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
        self.register_buffer("seen", torch.tensor(0))

    def training_step(self, batch: Any, batch_idx: int) -> None:
        super().training_step(batch, batch_idx)
        self.seen += 1 + 2 * RANK


class After(Callback):
    """Changes a module after a batch, as an error in someone's code may."""

    def __init__(self, iteration: int, change: Any) -> None:
        self.iteration, self.change = iteration, change

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        if trainer.fit_loop.total_batch_idx + 1 == self.iteration and RANK == 1:
            self.change(pl_module)


@torch.no_grad()
def nudge(module: Any) -> None:
    module.generator[0].bias[1] += 0.25


def extend(module: Any) -> None:
    module.register_buffer("extra", torch.zeros(2))


def run(module: Any, data: Batches, every: int, *others: Callback, max_epochs: int = 1) -> dict[str, Any]:
    """Fit on this rank and return what the callback found and said; a second epoch goes on from the last run's file."""
    logger, agreement, file = Kept(), RankAgreement(every), f"{sys.argv[1]}/saved.ckpt"
    torch.manual_seed(2 + RANK)
    strategy = DDPStrategy(process_group_backend="gloo", find_unused_parameters=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = trainer(
            devices=2, strategy=strategy, logger=logger, callbacks=[*others, agreement], max_epochs=max_epochs
        )
        made.fit(module, data, ckpt_path=file if max_epochs > 1 else None, weights_only=True)
    said = [str(each.message) for each in caught if "RankAgreement" in str(each.message)]
    differing = {name: asdict(each) | {"ranks": list(each.ranks)} for name, each in agreement.differing.items()}
    state = {"checked": agreement._checked, "differing": differing}
    made.save_checkpoint(file)
    return {"said": said, "logged": logger.kept, "state": state, "weights": weights(module)}


def own_gan() -> Any:
    torch.manual_seed(1)
    return toy(R1, r1_every=2, norm_g="batch")


def shared(cls: type[Any]) -> Batches:
    """Return this rank's own batches of a foreign module."""
    return Batches(*batches_for(cls, count=12)[RANK::2])


def all_cases() -> dict[str, Any]:
    found = {"raw": run(RawBackward(), shared(RawBackward), 2)}
    found["resumed"] = run(RawBackward(), shared(RawBackward), 2, max_epochs=2)
    found["statistics"] = run(WithStatistics(), shared(WithStatistics), 2)
    found["own"] = run(own_gan(), Batches(*batches(own_gan(), count=40).batches[RANK::2]), 1)
    found["nudged"] = run(Official(), shared(Official), 3, After(5, nudge))
    found["extended"] = run(Official(), shared(Official), 2, After(3, extend))
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What rank 0 found; rank 1 must have found the same and said nothing."""
    here, other = results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))
    for case in here:
        assert here[case]["state"] == other[case]["state"]
        assert not other[case]["said"]
        assert not other[case]["logged"]
        here[case]["theirs"] = other[case]["weights"]
    return here


@pytest.mark.ddp
def test_a_raw_backward_is_found_with_names_size_interval_and_cause(first: dict[str, Any]) -> None:
    found = first["raw"]
    differing = found["state"]["differing"]
    assert differing.keys() == {f"{net}.{layer}" for net in ("netG", "netD") for layer in LAYERS}
    assert all((each["after"], each["found"], each["ranks"]) == (0, 2, [1]) for each in differing.values())
    (said,) = found["said"]
    assert "RankAgreement at iteration 2: parameters differ between the ranks, since between iterations 0 and 2" in said
    assert f"netG.0.weight by {differing['netG.0.weight']['gap']:.2g} (rank 1)" in said
    assert "loss.backward() in the place of self.manual_backward(loss)" in said
    assert found["logged"] == [(0, 0.0), (1, 8.0), (3, 8.0), (5, 8.0)]
    assert not torch.equal(found["weights"], found["theirs"])


@pytest.mark.ddp
def test_a_resumed_run_begins_alike_and_is_told_when_it_parts_again(first: dict[str, Any]) -> None:
    (said,) = first["resumed"]["said"]
    assert "parameters differ between the ranks, since between iterations 6 and 8" in said
    assert first["resumed"]["state"]["checked"] == 12
    assert [value for _, value in first["resumed"]["logged"]] == [0.0, 8.0, 8.0, 8.0]


@pytest.mark.ddp
def test_drifting_buffers_are_told_apart_from_parameters_and_by_kind(first: dict[str, Any]) -> None:
    found = first["statistics"]
    assert torch.equal(found["weights"], found["theirs"])
    differing = found["state"]["differing"]
    assert differing.keys() == {"generator.1.running_mean", "generator.1.running_var", "seen"}
    assert differing["seen"]["gap"] == 4
    statistics, buffers = found["said"]
    assert "running statistics differ between the ranks, since between iterations 0 and 2: generator.1." in statistics
    assert "broadcast_buffers(self)" in statistics
    assert ": seen by 4 (rank 1). Likely something that is counted" in buffers


@pytest.mark.ddp
def test_a_gan_of_ours_is_silent(first: dict[str, Any]) -> None:
    found = first["own"]
    assert found["said"] == []
    assert found["state"] == {"checked": 20, "differing": {}}
    assert found["logged"] == [(0, 0.0), *((step, 0.0) for step in range(20))]
    assert torch.equal(found["weights"], found["theirs"])


@pytest.mark.ddp
def test_one_changed_tensor_is_named_with_the_right_interval(first: dict[str, Any]) -> None:
    ((name, difference),) = first["nudged"]["state"]["differing"].items()
    assert name == "generator.0.bias"
    assert (difference["after"], difference["found"]) == (3, 6)
    assert difference["gap"] == pytest.approx(0.25, abs=1e-6)
    assert f"between iterations 3 and 6: {name} by 0.25 (rank 1)" in first["nudged"]["said"][0]


@pytest.mark.ddp
def test_other_tensors_on_one_rank_are_told_and_hang_nothing(first: dict[str, Any]) -> None:
    (said,) = first["extended"]["said"]
    assert "other names, shapes or types, since between iterations 2 and 4, and cannot be compared" in said
    assert first["extended"]["logged"] == [(0, 0.0), (1, 0.0)]


def test_with_one_process_nothing_is_done(tmp_path: Path) -> None:
    agreement, logger = RankAgreement(every=1), Kept()
    made = fit(own_gan(), callbacks=[agreement], logger=logger)
    assert logger.kept == []
    made.save_checkpoint(tmp_path / "x.ckpt")
    assert agreement.differing == {}


def test_an_interval_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="every >= 1 iterations, got 0"):
        RankAgreement(every=0)


if __name__ == "__main__":
    torch.set_num_threads(1)
    leave_results(all_cases())
