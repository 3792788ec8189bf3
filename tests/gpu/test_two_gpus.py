"""Two GPUs with NCCL train as one with the joined batch. This file is also the program that each process runs."""

from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import Batches, fit, make, points, weights
from torch import Tensor
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import GAN, R1, LeCam

pytestmark = pytest.mark.gpu

CASES: dict[str, tuple[type[GAN], dict[str, Any]]] = {
    "plain": (GAN, {}),
    "slope": (R1, {"r1_gamma": 1.0}),
    "running means": (LeCam, {"lecam_weight": 0.1}),
}


def trained(case: str, data: Batches, **arguments: Any) -> Tensor:
    cls, own = CASES[case]
    gan = make(cls, **own)
    fit(gan, data, accelerator="cuda", precision="64-true", **arguments)
    return weights(gan).cpu()


def joined() -> Batches:
    return points(n=16, dtype=torch.float64)


def test_two_train_as_one_with_the_joined_batch(tmp_path: Path) -> None:
    if torch.cuda.device_count() < 2:
        pytest.skip("needs two CUDA GPUs")
    ranks = results_of_two_ranks(__file__, tmp_path)
    for case in CASES:
        expected = trained(case, joined())
        assert torch.equal(ranks[0][case], ranks[1][case])
        torch.testing.assert_close(ranks[0][case], expected, rtol=0, atol=1e-10)


def main() -> None:
    """Train on this rank's half of each batch."""
    import os

    rank = int(os.environ["LOCAL_RANK"])
    halves = Batches(*(x.chunk(2)[rank] for x in joined()))
    leave_results({case: trained(case, halves, devices=2, strategy="ddp") for case in CASES})


if __name__ == "__main__":
    main()
