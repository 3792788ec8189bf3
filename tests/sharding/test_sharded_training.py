"""Two ranks that hold half of the weights each train what one process trains, or say why they do not."""

from pathlib import Path

import pytest
import torch
from sharded_runs import CALLBACKS, GANS, TECHNIQUES, share_of_each_rank, train
from torch import Tensor
from two_ranks import leave_results, results_of_two_ranks

import gan_lightning
from gan_lightning import callbacks

EXACT = "a technique differentiates the discriminator's input gradient.*use FiniteDifferencePenalty"
REFUSED = {
    "DRAGAN": EXACT,
    "GradientPenalty": EXACT,
    "R1": EXACT,
    "R2": EXACT,
    "ZeroCenteredPenalty": EXACT,
    "PathLength": "PathLength differentiates the generator's slope.*path_weight=0",
    "UnrolledGAN": "UnrolledGAN differentiates through the discriminator's updates.*PacGAN",
    "AddR1": "AddR1 runs on one device or with DDP, not with ModelParallelStrategy",
    "AddSpectralNorm": "AddSpectralNorm runs on one device or with DDP, not with ModelParallelStrategy",
    "GeneratorEMA": "GeneratorEMA runs on one device or with DDP, not with ModelParallelStrategy",
    "HealthMonitor that adds R1 + R2": r"R1 \+ R2 runs on one device or with DDP, not with ModelParallelStrategy",
    "HealthMonitor that goes back": "going back in time works on one device or with DDP, not with",
}
"""Techniques that need whole weights, and the words with which they refuse to run without."""
DRAWN_PER_RANK = {"AddDiffAugment", "AddInstanceNoise"}
"""Callbacks whose random numbers are each rank's own, sharded or not."""
NOT_OF_TRAINING = {"AnnealAttribute", "GANProgressBar"}
NOT_TRIED = {
    *("Dashboard", "DensityScatter", "Evaluation", "LatentInterpolation", "ModeHistogram", "TrainingCurves"),
    *("TruncationGrid", "WandbDashboard"),
}
"""What only looks on, and has not run sharded yet; the page says so."""
CASES = [*GANS, *CALLBACKS]
PAGE = Path(gan_lightning.__file__).parents[1] / "docs" / "many_gpus.md"


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Tensor | str]]:
    return results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))


@pytest.mark.ddp
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")  # torch.compile asks for it
@pytest.mark.filterwarnings("ignore:.*parameters of player 'd' got no gradient")  # SemiSupervised leaves its logit
@pytest.mark.parametrize("case", [case for case in CASES if case not in {*REFUSED, *DRAWN_PER_RANK}])
def test_sharded_training_is_that_of_one_process(case: str, ranks: list[dict[str, Tensor | str]]) -> None:
    first, second = (rank[case] for rank in ranks)
    assert isinstance(first, Tensor), first
    assert isinstance(second, Tensor), second
    assert torch.equal(first, second)
    torch.testing.assert_close(first, train(case, ranks=1), rtol=0, atol=1e-8)


@pytest.mark.ddp
@pytest.mark.parametrize("case", REFUSED)
def test_what_needs_whole_weights_is_refused(case: str, ranks: list[dict[str, Tensor | str]]) -> None:
    for rank in ranks:
        with pytest.raises(RuntimeError, match=f"^ValueError: .*{REFUSED[case]}"):
            raise RuntimeError(rank[case])


@pytest.mark.ddp
@pytest.mark.parametrize("case", sorted(DRAWN_PER_RANK))
def test_what_draws_by_rank_trains(case: str, ranks: list[dict[str, Tensor | str]]) -> None:
    found = ranks[0][case]
    assert isinstance(found, Tensor), found
    assert found.isfinite().all()


@pytest.mark.ddp
def test_each_number_is_held_by_one_rank(ranks: list[dict[str, Tensor | str]]) -> None:
    shares = torch.stack([rank["shares"] for rank in ranks])
    torch.testing.assert_close(shares.sum(0), torch.ones(3, dtype=shares.dtype))
    assert shares.max() < 0.7


@pytest.mark.ddp
def test_mixed_precision_trains_sharded(ranks: list[dict[str, Tensor | str]]) -> None:
    torch.testing.assert_close(ranks[0]["bf16-mixed"], train("R3GAN", 1, precision="bf16-mixed"), rtol=0, atol=1e-2)


def test_every_technique_takes_a_side() -> None:
    assert set(TECHNIQUES) <= set(GANS)
    assert set(callbacks.__all__) <= {*CALLBACKS, *NOT_OF_TRAINING, *NOT_TRIED}
    assert set(REFUSED) <= set(CASES)


def test_the_page_lists_what_is_refused_and_nothing_else() -> None:
    section = PAGE.read_text().split("## Sharding")[1].split("\n## ")[0]
    row = next(line for line in section.splitlines() if line.startswith("| refused"))
    named = {name for name in (*TECHNIQUES, *CALLBACKS) if f"`{name}`" in row}
    assert named == {name for name in REFUSED if " " not in name}
    assert all(f"`{name}`" in section for name in callbacks.__all__ if name not in NOT_OF_TRAINING)


def outcome(case: str) -> Tensor | str:
    try:
        return train(case, ranks=2)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    found = {case: outcome(case) for case in CASES}
    found["bf16-mixed"] = train("R3GAN", 2, precision="bf16-mixed")
    found["shares"] = share_of_each_rank()
    leave_results(found)
