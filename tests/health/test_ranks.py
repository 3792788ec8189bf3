"""Two ranks see one run: the same weights as without a monitor, and the same verdicts at the same iterations."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import Batches, make, trainer, weights
from lightning.pytorch.strategies import DDPStrategy
from two_ranks import leave_results, results_of_two_ranks
from watched import Says, healthy, monitor

from gan_lightning.health import HealthMonitor, read_events
from gan_lightning.health.rows import joined_rows, same_numbers

ITERATIONS = 40


class Spread(Says):
    """Speaks of what it measures, so that ranks which measure otherwise would decide otherwise."""

    def judge(self, history):
        self.begin = 20 if history.now("mode_collapse/spread") > 0 else 10**9
        return super().judge(history)


def play(folder: Path, sizes: tuple[int, int], broken: bool, *watching: HealthMonitor) -> dict[str, Any]:
    """Train with batches of another size on each rank; with NaN in those of rank 1 from iteration 15 on if broken."""
    rank = int(os.environ["LOCAL_RANK"])
    samples = torch.randn(ITERATIONS, sizes[rank], 2, generator=torch.Generator().manual_seed(rank))
    if broken and rank == 1:
        samples[15:, 0, 0] = torch.nan
    torch.manual_seed(2)
    gan = make()
    strategy = DDPStrategy(process_group_backend="gloo")
    run = trainer(devices=2, strategy=strategy, callbacks=list(watching), default_root_dir=folder, max_epochs=1)
    run.fit(gan, Batches(*samples))
    found = {"weights": weights(gan)}
    if watching:
        found["history"] = watching[0].history.state_dict()
        found["cases"] = watching[0].cases.state_dict()
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("ranks")
    first, second = results_of_two_ranks(__file__, folder)
    return first, second, folder


@pytest.mark.ddp
@pytest.mark.parametrize("case", ["even", "uneven"])
def test_the_weights_are_those_without_a_monitor(found, case: str) -> None:
    for of_rank in found[:2]:
        assert torch.equal(of_rank[f"{case} alone"]["weights"], of_rank[case]["weights"])


@pytest.mark.ddp
@pytest.mark.parametrize("case", ["even", "uneven", "broken"])
def test_all_ranks_have_the_same_numbers_and_verdicts(found, case: str) -> None:
    first, second = (of_rank[case] for of_rank in found[:2])
    assert str(first["history"]) == str(second["history"])
    assert first["cases"] == second["cases"]
    assert first["history"]["iterations"] == [10, 20, 30, 40]
    if case == "broken":
        assert str(first["history"]["values"]["mode_collapse/spread"][-1]) == "nan"
    else:
        assert [each["onset"] for each in first["cases"]["open"]] == [20]


@pytest.mark.ddp
def test_one_rank_writes(found) -> None:
    for case in ("even", "uneven"):
        events = read_events(found[2] / case)
        assert [each["iteration"] for each in events if each["event"] == "check"] == [10, 20, 30, 40]
        assert events[0]["ranks"] == 2


@pytest.mark.ddp
def test_rows_are_joined_in_the_order_of_the_ranks(found) -> None:
    for of_rank in found[:2]:
        joined = of_rank["joined"]
        assert joined["points"].tolist() == [[0.0, 1.0], [10.0, 11.0], [12.0, 13.0]]
        assert joined["labels"].tolist() == [7, 8]
        assert joined["labels"].dtype == torch.long
        assert joined["only second"].tolist() == [1.5, torch.inf]
        assert len(joined["none"]) == 0
        assert of_rank["numbers"] == [0.0, 5.0]


def rows(rank: int) -> dict[str, torch.Tensor]:
    points = torch.tensor([[[0.0, 1.0]], [[10.0, 11.0], [12.0, 13.0]]][rank])
    return {
        "points": points,
        "labels": torch.tensor([[7], [8]][rank]),
        "only second": torch.tensor([[], [1.5, torch.inf]][rank]),
        "none": torch.empty(0),
    }


if __name__ == "__main__":
    folder, rank = Path(sys.argv[1]), int(os.environ["LOCAL_RANK"])
    settings = {"every": 10, "samples": 64}
    results: dict[str, Any] = {}
    for case, sizes, broken in (
        ("even", (128, 128), False),
        ("uneven", (96, 300), False),
        ("broken", (128, 150), True),
    ):
        detectors = [Spread(), healthy()]
        results[case] = play(folder / case, sizes, broken, monitor(*detectors, **settings))
        if not broken:
            results[f"{case} alone"] = play(folder / case, sizes, broken)
    results["joined"] = joined_rows(rows(rank), 2, torch.device("cpu"))
    results["numbers"] = same_numbers([torch.tensor(float(rank)), torch.tensor(5 + 3 * rank)], 2)
    leave_results(results)
