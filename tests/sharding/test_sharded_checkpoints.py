"""What two sharded ranks save goes on in one process, and on two ranks, as the straight run would."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, Trainer
from sharded_runs import data_of, joined_weights, r3gan, trainer_of
from torch import Tensor
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import GAN, FiniteDifferencePenalty, HistoricalAveraging, join_checkpoint

KINDS = {"full.ckpt": False, "parts.ckpt": True}
"""Checkpoints, and what ``save_distributed_checkpoint`` is for each."""


class SaveAfterFirstEpoch(Callback):
    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_epoch_end(self, trainer: Trainer, pl_module: Any) -> None:
        if trainer.current_epoch == 0:
            trainer.save_checkpoint(self.path)


def built() -> GAN:
    """Techniques with buffers of their own, one of which is made while it trains."""
    return r3gan(FiniteDifferencePenalty, HistoricalAveraging, clip_d=1.0).double()


def train(ranks: int, epochs: int, save: Path | None = None, resume: Path | None = None, **arguments: Any) -> GAN:
    gan = built()
    torch.manual_seed(2)
    saving = [] if save is None else [SaveAfterFirstEpoch(save)]
    run = trainer_of(ranks, max_epochs=epochs, callbacks=saving, **arguments)
    run.fit(gan, data_of(gan, ranks, count=3), ckpt_path=resume, weights_only=True if resume else None)
    return gan


@pytest.fixture(scope="module")
def straight() -> Tensor:
    return joined_weights(train(1, epochs=2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ranks")


@pytest.fixture(scope="module")
def ranks(folder: Path) -> list[dict[str, Tensor]]:
    train(1, epochs=1, save=folder / "single.ckpt")
    return results_of_two_ranks(__file__, folder)


@pytest.fixture(scope="module", params=KINDS)
def file(request: pytest.FixtureRequest, folder: Path, ranks: list[dict[str, Tensor]]) -> Path:
    """A checkpoint as one process reads it."""
    saved = folder / request.param
    return folder / "joined.ckpt" if KINDS[request.param] else saved


@pytest.mark.ddp
@pytest.mark.filterwarnings("ignore:this checkpoint was saved with another number of ranks")
def test_one_process_goes_on_from_it(file: Path, straight: Tensor) -> None:
    resumed = joined_weights(train(1, epochs=2, resume=file))
    torch.testing.assert_close(resumed, straight, rtol=0, atol=1e-8)


@pytest.mark.ddp
def test_one_process_samples_the_same(file: Path, ranks: list[dict[str, Tensor]]) -> None:
    gan = built()
    gan.load_state_dict(torch.load(file, weights_only=True)["state_dict"])
    torch.testing.assert_close(gan.sample(6, seed=0), ranks[0]["samples"], rtol=0, atol=1e-12)
    networks = {"generator": built().generator, "discriminator": built().discriminator}
    loaded = type(gan).load_from_checkpoint(file, weights_only=True, loss=gan.loss, **networks).double()
    torch.testing.assert_close(loaded.sample(6, seed=0), ranks[0]["samples"], rtol=0, atol=1e-12)


@pytest.mark.ddp
@pytest.mark.parametrize("kind", [*KINDS, "joined.ckpt"])
def test_two_ranks_go_on_from_it(kind: str, ranks: list[dict[str, Tensor]], straight: Tensor) -> None:
    for rank in ranks:
        assert isinstance(rank[kind], Tensor), rank[kind]
        torch.testing.assert_close(rank[kind], straight, rtol=0, atol=1e-8)


@pytest.mark.ddp
def test_sharded_ranks_do_not_mistake_what_one_process_saved(ranks: list[dict[str, Tensor]]) -> None:
    for rank in ranks:
        assert "Missing optimizer state" in str(rank["single.ckpt"])


@pytest.mark.ddp
def test_a_folder_says_that_it_has_to_be_joined(folder: Path, ranks: list[dict[str, Tensor]]) -> None:
    with pytest.raises(ValueError, match="join_checkpoint"):
        train(1, epochs=2, resume=folder / "parts.ckpt")
    with pytest.raises(ValueError, match="join_checkpoint"):
        type(built()).load_from_checkpoint(folder / "parts.ckpt")


def test_a_single_file_needs_no_joining(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a single file needs no joining"):
        join_checkpoint(tmp_path, tmp_path / "joined.ckpt")


def outcome(checkpoint: Path) -> Tensor | str:
    try:
        return joined_weights(train(2, epochs=2, resume=checkpoint))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    place, found = Path(sys.argv[1]), {}
    for kind, in_parts in KINDS.items():
        gan = train(2, epochs=1, save=place / kind, save_distributed_checkpoint=in_parts)
        found["samples"] = gan.sample(6, seed=0)
    if torch.distributed.get_rank() == 0:
        join_checkpoint(place / "parts.ckpt", place / "joined.ckpt")
    torch.distributed.barrier()
    for kind in (*KINDS, "joined.ckpt", "single.ckpt"):
        found[kind] = outcome(place / kind)
    leave_results(found)
