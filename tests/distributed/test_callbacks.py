"""The drop-in callbacks on someone's module under plain DDP: two gloo ranks equal one process with the joined batch."""

import os

import pytest
import torch
from foreign_modules import LATENT, Official
from helpers import Batches, trainer, weights
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import AddHistoricalAveraging, AddR1, AddSpectralNorm, ClipGradients, ClipWeights, GeneratorEMA

CASES = {
    "r1": lambda: [AddR1(gamma=2.0)],
    "lazy r1": lambda: [AddR1(gamma=2.0, every=2)],
    "history": lambda: [AddHistoricalAveraging(0.5, 0.5)],
    "clipped": lambda: [AddR1(), ClipGradients(max_norm_d=0.05, max_norm_g=0.01), ClipWeights(0.5)],
    "spectral norm": lambda: [AddSpectralNorm(generator=True), AddR1()],
    "average": lambda: [GeneratorEMA(half_life_kimg=0.05)],
}


class FromBatch(Official):
    """Takes its latents from the samples, so that two ranks draw what one process draws."""

    def latents(self, imgs: Tensor) -> Tensor:
        return imgs.repeat(1, LATENT // 2).sin()


def train(case: str, ranks: int) -> Tensor:
    """Train this process's share of a case and return the weights, and the averaged ones if there are any."""
    torch.manual_seed(1)
    module, callbacks = FromBatch().double(), CASES[case]()
    generator = torch.Generator().manual_seed(0)
    data = torch.randn(6, 8, 2, generator=generator, dtype=torch.float64)
    rank, n = int(os.environ.get("LOCAL_RANK", 0)), 8 // ranks
    options = {"find_unused_parameters": True, "gradient_as_bucket_view": True}
    strategy = DDPStrategy(process_group_backend="gloo", **options) if ranks > 1 else "auto"
    torch.manual_seed(2)
    run = trainer(
        callbacks=callbacks, devices=ranks, strategy=strategy, precision="64-true", use_distributed_sampler=False
    )
    run.fit(module, Batches(*data[:, rank * n : (rank + 1) * n]))
    averaged = [weights(callback.average_model()) for callback in callbacks if isinstance(callback, GeneratorEMA)]
    return torch.cat([weights(module), *averaged])


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Tensor]]:
    return results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))


@pytest.mark.ddp
@pytest.mark.parametrize("case", CASES)
def test_two_ranks_equal_one_process_with_the_joined_batch(case: str, two_ranks: list[dict[str, Tensor]]) -> None:
    first, second = (rank[case] for rank in two_ranks)
    assert torch.equal(first, second)
    torch.testing.assert_close(first, train(case, ranks=1), rtol=0, atol=1e-10)


if __name__ == "__main__":
    torch.set_num_threads(1)
    leave_results({case: train(case, ranks=2) for case in CASES})
