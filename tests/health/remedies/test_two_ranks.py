"""Remedies under two gloo ranks: bit-equal ranks, and R1 + R2 as in one process with the joined batch."""

import os

import pytest
import torch
from foreign_modules import LATENT, Official
from helpers import Batches, make, trainer, weights
from lightning.pytorch import LightningModule
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor
from treatment import Treatment
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning.health.remedies import (
    ClipAtUsualNorm,
    DropoutInDiscriminator,
    LearningRate,
    NoisySamples,
    ZeroCenteredPenalties,
)


class FromBatch(Official):
    """Takes its latents from the samples, so that two ranks draw what one process draws."""

    def latents(self, imgs: Tensor) -> Tensor:
        return imgs.repeat(1, LATENT // 2).sin()


MODULES = {"foreign": FromBatch, "own": make}
EXACT = {
    "penalties": lambda: ZeroCenteredPenalties(gamma=2.0),
    "lazy penalties": lambda: ZeroCenteredPenalties(gamma=2.0, every=2),
    "rates": lambda: LearningRate(factor=0.3),
    "clipped": lambda: ClipAtUsualNorm(times=1.0),
}
RANDOM = {"noise": lambda: NoisySamples(rise=0), "dropout": lambda: DropoutInDiscriminator()}
REMEDIES = EXACT | RANDOM
CASES = [f"{remedy} on {module}" for remedy in REMEDIES for module in MODULES]


def train(case: str, ranks: int) -> Tensor:
    """Train this process's share of a case under a remedy, from the second iteration to the fifth."""
    remedy, module_name = case.split(" on ")
    torch.manual_seed(1)
    module: LightningModule = MODULES[module_name]().double()
    generator = torch.Generator().manual_seed(0)
    data = torch.randn(6, 8, 2, generator=generator, dtype=torch.float64)
    rank, n = int(os.environ.get("LOCAL_RANK", 0)), 8 // ranks
    options = {"find_unused_parameters": True} if module_name == "foreign" else {}
    strategy = DDPStrategy(process_group_backend="gloo", **options) if ranks > 1 else "auto"
    torch.manual_seed(2)
    run = trainer(
        callbacks=[Treatment(REMEDIES[remedy](), first=1, end=5)],
        devices=ranks,
        strategy=strategy,
        precision="64-true",
        use_distributed_sampler=False,
    )
    run.fit(module, Batches(*data[:, rank * n : (rank + 1) * n]))
    return weights(module)


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Tensor]]:
    return results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))


@pytest.mark.ddp
@pytest.mark.parametrize("case", CASES)
def test_ranks_stay_the_same_bit_for_bit(case: str, two_ranks: list[dict[str, Tensor]]) -> None:
    first, second = (rank[case] for rank in two_ranks)
    assert torch.equal(first, second)
    assert first.isfinite().all()


@pytest.mark.ddp
@pytest.mark.parametrize("case", [case for case in CASES if case.split(" on ")[0] in EXACT])
def test_two_ranks_equal_one_process_with_the_joined_batch(case: str, two_ranks: list[dict[str, Tensor]]) -> None:
    torch.testing.assert_close(two_ranks[0][case], train(case, ranks=1), rtol=0, atol=1e-10)


if __name__ == "__main__":
    torch.set_num_threads(1)
    leave_results({case: train(case, ranks=2) for case in CASES})
