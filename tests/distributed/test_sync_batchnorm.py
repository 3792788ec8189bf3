"""``Trainer(sync_batchnorm=True)``: what it cannot do is told on any machine, that it is exact is seen on two GPUs."""

from pathlib import Path

import pytest
import torch
from helpers import fit
from joined_batch import Case, train
from lightning.pytorch.plugins.layer_sync import TorchSyncBatchNorm
from techniques import toy
from two_ranks import leave_results, results_of_ranks

from gan_lightning import GAN
from gan_lightning.mixins import DRAGAN, R1, R2, GradientPenalty, ZeroCenteredPenalty

WORDS = r"SyncBatchNorm does not allow: build it with norm='none'"
CASE = Case("DCGAN")


@pytest.mark.parametrize("cls", [DRAGAN, R1, R2, GradientPenalty, ZeroCenteredPenalty])
def test_a_penalty_is_refused_before_anything_runs(cls: type[GAN]) -> None:
    gan = TorchSyncBatchNorm().apply(toy(cls, norm_d="batch"))  # the trainer does, if there is a GPU
    with pytest.raises(ValueError, match=WORDS):
        fit(gan)


@pytest.mark.gpu
@pytest.mark.ddp
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices, SyncBatchNorm needs one")
def test_two_gpus_equal_one_with_the_joined_batch(tmp_path: Path) -> None:
    first, second = results_of_ranks(__file__, tmp_path, 2)
    assert torch.equal(first["state"], second["state"])
    torch.testing.assert_close(first["state"], train(CASE, 1, 1, accelerator="gpu")["state"].cpu(), rtol=0, atol=1e-10)


if __name__ == "__main__":
    found = train(CASE, 2, 2, accelerator="gpu", strategy="ddp", sync_batchnorm=True)
    leave_results({name: x.cpu() for name, x in found.items()})
