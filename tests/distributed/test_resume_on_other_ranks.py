"""A checkpoint goes on with another number of ranks: the same run up to rounding, and what cannot be is told."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import trainer, weights
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.strategies import DDPStrategy
from techniques import MIXINS, toy
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import GAN, GeneratorEMA, HealthMonitor, RankAgreement
from gan_lightning.data import TensorData

RANK = int(os.environ.get("LOCAL_RANK", 0))
JOINED = 16
SAVED, END, LATE, LATER = 3, 7, 15, 18
"""Iterations: an epoch has five, so that a checkpoint lies in the first and the end in the second; a later checkpoint
lies beyond the batches of an epoch that a loader of one's own has on two ranks."""
TECHNIQUES: dict[str, type[GAN]] = {cls.__name__: cls for cls in MIXINS}
APART: dict[str, dict[str, Any]] = {"batch norm": {"norm_g": "batch"}, "dropout": {"dropout_d": 0.3}}
"""What the note excludes."""
EXACT = ["plain", "watched", *TECHNIQUES]
CASES = [*EXACT, *APART]


class SaveAt(Callback):
    """Save on the way."""

    def __init__(self, iteration: int, file: Path) -> None:
        self.iteration, self.file = iteration, file

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        if pl_module.iteration == self.iteration:
            trainer.save_checkpoint(self.file)


def data(gan: GAN, ranks: int) -> TensorData:
    generator = torch.Generator().manual_seed(5)
    samples = torch.randn(JOINED * 5, 2, dtype=torch.float64, generator=generator)
    labels = torch.randint(3, (len(samples),), generator=generator) if gan.num_classes else None
    return TensorData(samples, labels, batch_size=JOINED // ranks)


def built(case: str) -> GAN:
    gan = toy(TECHNIQUES[case]) if case in TECHNIQUES else toy(**APART.get(case, {}))
    return gan.double()


def train(
    gan: GAN, source: Any, ranks: int, *callbacks: Callback, ckpt_path: Path | None = None, end: int = END
) -> list[str]:
    """Train this process's share to the end, and return the notes on ranks."""
    torch.manual_seed(2 + RANK if ckpt_path is None else 99)
    strategy = DDPStrategy(process_group_backend="gloo") if ranks > 1 else "auto"
    run = trainer(
        devices=ranks, strategy=strategy, max_epochs=2, precision="64-true", callbacks=[*callbacks, StopAt(end)]
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run.fit(gan, source, ckpt_path=ckpt_path, weights_only=True if ckpt_path else None)
    return [text for each in caught if "another number of ranks" in (text := str(each.message))]


class StopAt(Callback):
    """End the fit by the clock of the module, whatever it counts as steps."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        trainer.should_stop = trainer.should_stop or pl_module.iteration >= self.iteration


def outcome(case: str, ranks: int, folder: Path, resume: bool) -> dict[str, Any]:
    """Train a case straight, saving on the way, or go on from what the other number of ranks has saved."""
    gan, ema = built(case), GeneratorEMA(half_life_kimg=0.05)
    watching = [ema, HealthMonitor(every=4, samples=64), RankAgreement(every=2)] if case == "watched" else []
    file = folder / f"{case}-{3 - ranks if resume else ranks}.ckpt"
    saving = [] if resume else [SaveAt(SAVED, file)]
    notes = train(gan, data(gan, ranks), ranks, *watching, *saving, ckpt_path=file if resume else None)
    average = weights(ema.average_model()) if watching else torch.empty(0)
    return {"weights": torch.cat([weights(gan), average]), "notes": notes, "iteration": gan.iteration}


def with_own_loader(ranks: int, folder: Path, resume: bool) -> dict[str, Any]:
    """As ``outcome``, with a ``DataLoader``, to which Lightning gives a ``DistributedSampler``."""
    gan, file = built("plain"), folder / f"own-{3 - ranks if resume else ranks}.ckpt"
    samples = torch.randn(JOINED * 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    dataset = [row for (row,) in TensorDataset(samples)]
    saving = [] if resume else [SaveAt(LATE, file)]
    loader, ckpt_path = DataLoader(dataset, 4, shuffle=True), file if resume else None
    notes = train(gan, loader, ranks, *saving, ckpt_path=ckpt_path, end=LATER)
    return {"weights": weights(gan), "notes": notes, "iteration": gan.iteration}


def everything(ranks: int, folder: Path, resume: bool) -> dict[str, dict[str, Any]]:
    found = {case: outcome(case, ranks, folder, resume) for case in CASES}
    return {**found, "own": with_own_loader(ranks, folder, resume)}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("ranks")
    straight = everything(1, folder, resume=False)
    here, other = results_of_two_ranks(__file__, folder)
    for case in (*CASES, "own"):
        assert torch.equal(here["1 to 2"][case]["weights"], other["1 to 2"][case]["weights"])
    return {"straight": straight, "1 to 2": here["1 to 2"], "2 to 1": everything(1, folder, resume=True)}


def apart(runs: dict[str, Any], way: str, case: str) -> Tensor:
    return (runs[way][case]["weights"] - runs["straight"][case]["weights"]).abs().max()


@pytest.mark.ddp
@pytest.mark.parametrize("way", ["1 to 2", "2 to 1"])
@pytest.mark.parametrize("case", EXACT)
def test_it_is_the_straight_run_with_the_joined_batch_as_it_was(case: str, way: str, runs: dict[str, Any]) -> None:
    assert apart(runs, way, case) < 1e-10


@pytest.mark.ddp
@pytest.mark.parametrize("way", ["1 to 2", "2 to 1"])
@pytest.mark.parametrize("case", APART)
def test_what_the_note_excludes_trains_on_and_is_another_run(case: str, way: str, runs: dict[str, Any]) -> None:
    assert 1e-8 < apart(runs, way, case) < 0.1


@pytest.mark.ddp
@pytest.mark.parametrize("way", ["1 to 2", "2 to 1"])
def test_a_loader_of_ones_own_trains_on(way: str, runs: dict[str, Any]) -> None:
    assert runs[way]["own"]["iteration"] == LATER
    assert runs[way]["own"]["weights"].isfinite().all()


@pytest.mark.ddp
@pytest.mark.parametrize(("way", "words"), [("1 to 2", "1 and not 2"), ("2 to 1", "2 and not 1")])
def test_it_is_told_once_and_only_then(way: str, words: str, runs: dict[str, Any]) -> None:
    for case, found in runs[way].items():
        (note,) = found["notes"]
        assert words in note, case
        assert "batch norm's statistics, dropout" in note
    assert not any(found["notes"] for found in runs["straight"].values())


def test_a_checkpoint_of_before_which_names_no_ranks_loads_without_a_note(tmp_path: Path) -> None:
    outcome("plain", 1, tmp_path, resume=False)
    saved = torch.load(tmp_path / "plain-1.ckpt", weights_only=True)
    assert saved["gan_lightning"].pop("ranks") == 1
    torch.save(saved, tmp_path / "plain-2.ckpt")
    assert outcome("plain", 1, tmp_path, resume=True)["notes"] == []


if __name__ == "__main__":
    torch.set_num_threads(1)
    place = Path(sys.argv[1])
    everything(2, place, resume=False)
    leave_results({"1 to 2": everything(2, place, resume=True)})
