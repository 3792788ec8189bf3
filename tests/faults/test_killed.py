"""``kill -9`` at random moments, again and again: the run that is taken up each time ends as the undisturbed one."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from faults import small_run
from faults.lives import Life

pytestmark = pytest.mark.faults

STEPS = 400
KILLS, KILLS_OF_RANKS = 44, 12
MOMENTS = 0.25
"""Seconds after the start of training, at most, at which a process is killed."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], dict[str, torch.Tensor]]:
    ends: dict[int, dict[str, torch.Tensor]] = {}

    def end(ranks: int) -> dict[str, torch.Tensor]:
        if ranks not in ends:
            folder = tmp_path_factory.mktemp("undisturbed")
            lives = start(folder, ranks)
            assert [life.end() for life in lives] == [0] * ranks, lives[0].said()
            ends[ranks] = torch.load(folder / "end.pt")
        return ends[ranks]

    return end


def start(folder: Path, ranks: int) -> list[Life]:
    environments = small_run.ranks_of(ranks) if ranks > 1 else [{}]
    return [
        Life(small_run.train, folder, STEPS, log=folder / f"rank{rank}.log", **environment)
        for rank, environment in enumerate(environments)
    ]


def broken_files(folder: Path) -> list[str]:
    broken = []
    for file in folder.glob("*.ckpt"):
        try:
            torch.load(file, weights_only=True)
        except Exception as error:
            broken.append(f"{file.name}: {error}")
    return broken


@pytest.mark.parametrize(("ranks", "wanted"), [(1, KILLS), (2, KILLS_OF_RANKS)])
def test_killed_at_random_moments(ranks: int, wanted: int, tmp_path: Path, undisturbed, record_property) -> None:
    moments = random.Random(ranks)
    kills = 0
    while kills < wanted:
        folder = tmp_path / f"run{kills}"
        folder.mkdir()
        while not (folder / "end.pt").exists():
            lives = start(folder, ranks)
            if kills < wanted:
                victim = moments.randrange(ranks)
                if moments.random() < 0.9:  # else while it starts
                    lives[victim].wait_until_ready()
                time.sleep(moments.uniform(0, MOMENTS * ranks))
                kills += lives[victim].send()
            codes = [life.end(small_run.TIMEOUT + 10) for life in lives]  # whoever is left alone gives up in time
            assert set(codes) == {0} or kills, lives[0].said()
            assert broken_files(folder) == []
        ended = torch.load(folder / "end.pt")
        assert small_run.differences(ended, undisturbed(ranks)) == []
    record_property("kills", kills)
    record_property("lost checkpoints", 0)
