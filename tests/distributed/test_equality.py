"""Several gloo processes end bit-equal, and equal to one process with the joined batch: a matrix over all there is."""

import sys
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pytest
import torch
from joined_batch import RECIPES, SETTINGS, UNITS, Case, build, train
from torch import Tensor
from two_ranks import leave_results, results_of_ranks


class Launch(NamedTuple):
    """Processes that are started once and train some cases.

    Args:
        ranks: how many; each has a share of the joined batch.
        cases: by their names.
    """

    ranks: int
    cases: dict[str, Case]


def launch(ranks: int, cases: list[Case]) -> Launch:
    return Launch(ranks, {str(case): case for case in cases})


COUPLED = [
    *("ADA", "AdaptiveBalance", "FeatureMatching", "GapAwareLearningRate", "LabelFlipping", "LeCam", "PathLength"),
    *("TopK", "UnrolledGAN", "VirtualBatch", "batch norm", "minibatch discrimination", "minibatch stddev"),
    *("relativistic average", "relativistic paired"),
]
"""In which a sample's gradient depends on the others of the batch."""
LARGE = ["DCGAN", "ImprovedGAN", "R3GAN", "SNGAN", "SemiSupervisedGAN"]
MIXED = ["ImprovedGAN", "VanillaGAN", "minibatch stddev"]
"""What four ranks train each time; all the rest is in ``PRODUCT``."""
TOLERANCE = {"64-true": 1e-10, "32-true": 1e-5}

ALL = [Case(unit, setting) for unit, setting in product(UNITS, ("plain", "all at once"))]
SINGLE = [Case("R1", setting) for setting in ("n_critic", "accumulated", "lazy", "labelled", "compiled")]
IN_FLOAT32 = [Case(unit, "plain", "32-true") for unit in (*COUPLED, *RECIPES)]
LAUNCHES = {
    "2": launch(2, [*ALL, *SINGLE, *IN_FLOAT32]),
    "4": launch(4, [*(Case(unit) for unit in (*COUPLED, *LARGE)), *(Case(unit, "all at once") for unit in MIXED)]),
}
PRODUCT = {
    f"{ranks} {setting} {precision}": launch(ranks, [Case(unit, setting, precision) for unit in UNITS])
    for ranks, setting, precision in product((2, 4), SETTINGS, TOLERANCE)
    if (ranks, setting) != (4, "compiled") and (precision == "64-true" or setting in ("plain", "all at once"))
}
"""All with all, for half an hour, but for what is the same code: four compiled ranks, single settings in float32."""


@pytest.fixture(scope="module")
def results_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[dict[str, Any]]]:
    """Start each launch once, even if it fails."""
    found: dict[str, list[dict[str, Any]]] = {}

    def of(name: str) -> list[dict[str, Any]]:
        if name not in found:
            found[name] = []
            ranks, _ = (LAUNCHES | PRODUCT)[name]
            found[name] = results_of_ranks(__file__, tmp_path_factory.mktemp("ranks"), ranks, name, timeout=1800)
        assert found[name], "the launch failed, as its first case says"
        return found[name]

    return of


@cache
def reference(case: Case, shares: int) -> dict[str, Tensor]:
    """What one process finds; the number of shares says how the batch is cut into micro-batches, if it is."""
    return train(case, ranks=1, shares=shares if build(case).micro_batches_d > 1 else 1)


def trainings(launches: dict[str, Launch], *marks: pytest.MarkDecorator) -> list[Any]:
    names = [(name, case) for name, (_, cases) in launches.items() for case in cases.values()]
    return [pytest.param(name, case, id=f"{name}-{case}", marks=marks) for name, case in names]


@pytest.mark.ddp
@pytest.mark.filterwarnings("ignore:.*torch.jit", "ignore:.*is deprecated", "ignore:.*not a leaf", "ignore:.*non-leaf")
@pytest.mark.parametrize(("name", "case"), [*trainings(LAUNCHES), *trainings(PRODUCT, pytest.mark.slow)])
def test_ranks_equal_one_process_with_the_joined_batch(name: str, case: Case, results_of: Callable[..., Any]) -> None:
    first, *others = (rank[str(case)] for rank in results_of(name))
    for other in others:
        assert all(torch.equal(first[key], other[key]) for key in first)
    expected = reference(case, len(others) + 1)
    tolerance = TOLERANCE[case.precision]
    for player in "dg":
        error = (first[player] - expected[player]).norm() / expected[player].norm()
        assert error <= tolerance, f"the first gradient of {player}"
    torch.testing.assert_close(first["state"], expected["state"], rtol=0, atol=tolerance)


if __name__ == "__main__":
    torch.set_num_threads(1)
    ranks, cases = (LAUNCHES | PRODUCT)[sys.argv[2]]
    leave_results({name: train(case, ranks, shares=ranks) for name, case in cases.items()})
