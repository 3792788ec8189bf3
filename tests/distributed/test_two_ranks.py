"""Two gloo processes end bit-equal, and equal to one process with the joined batch."""

import os
from typing import Any

import pytest
import torch
from helpers import trainer, weights
from lightning.pytorch.strategies import DDPStrategy
from techniques import MIXINS, toy
from torch import Tensor
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import GAN, losses
from gan_lightning.data import TensorData

SPINE: dict[str, dict[str, Any]] = {
    "plain": {},
    "n_critic": {"d_steps": 2},
    "two generator steps": {"g_steps": 2},
    "clipped": {"clip_d": 1e-2, "clip_g": 1e-2},
    "relativistic average": {"loss": losses.RelativisticAverage()},
    "spectral norm": {"norm_d": "spectral"},
    "labelled": {"num_classes": 3},
    "minibatch discrimination": {"minibatch_d": "discrimination"},
    "minibatch stddev": {"minibatch_d": "stddev"},
}
TECHNIQUES: dict[str, type[GAN]] = {cls.__name__: cls for cls in MIXINS}
OTHERWISE: dict[str, dict[str, Any]] = {}
"""Settings of a technique that belong here, beside those with which the contract suite trains it."""
INEXACT: dict[str, str] = {}
"""Techniques that cannot be the same on two ranks as on one, and why; their docstrings say so too."""
CASES = [*SPINE, *(name for name in TECHNIQUES if name not in INEXACT)]
STEPS = 20


def train(case: str, ranks: int) -> Tensor:
    """Train this process's share of a case and return the weights."""
    made = toy(**SPINE[case]) if case in SPINE else toy(TECHNIQUES[case], **OTHERWISE.get(case, {}))
    gan = made.double()
    generator = torch.Generator().manual_seed(5)
    samples = torch.randn(16 * STEPS, 2, dtype=torch.float64, generator=generator)
    labels = torch.randint(3, (len(samples),), generator=generator) if gan.num_classes else None
    torch.manual_seed(2 + int(os.environ.get("LOCAL_RANK", 0)))  # the spine makes the ranks agree
    strategy = DDPStrategy(process_group_backend="gloo") if ranks > 1 else "auto"
    run = trainer(devices=ranks, strategy=strategy, max_epochs=None, max_steps=STEPS, precision="64-true")
    run.fit(gan, TensorData(samples, labels, batch_size=16 // ranks))
    return weights(gan)


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Tensor]]:
    return results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))


@pytest.mark.ddp
@pytest.mark.parametrize("case", CASES)
def test_two_ranks_equal_one_process_with_the_joined_batch(case: str, two_ranks: list[dict[str, Tensor]]) -> None:
    first, second = (rank[case] for rank in two_ranks)
    assert torch.equal(first, second)
    torch.testing.assert_close(first, train(case, ranks=1), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", INEXACT)
def test_what_cannot_be_exact_says_so(name: str) -> None:
    assert "rank" in (TECHNIQUES[name].__doc__ or "")


if __name__ == "__main__":
    torch.set_num_threads(1)
    leave_results({case: train(case, ranks=2) for case in CASES})
