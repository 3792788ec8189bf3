"""Two ranks of which one stops, fails or is told to end: the other ends too, within the time that it was given."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from faults import small_run
from faults.rank_runs import ends, run, slurm_job, two, with_failing_callback, with_failing_logger

pytestmark = [pytest.mark.faults, pytest.mark.ddp]


@pytest.mark.parametrize("stopped", [0, 1])
def test_a_rank_that_hangs_is_given_up_after_the_strategys_timeout(stopped: int, tmp_path: Path) -> None:
    lives = two(run, tmp_path)
    lives[0].wait_until_ready()
    assert lives[stopped].send(signal.SIGSTOP)
    assert lives[1 - stopped].end(small_run.TIMEOUT + 30) != 0
    lives[stopped].send(signal.SIGKILL)
    lives[stopped].end()


@pytest.mark.parametrize("target", [with_failing_logger, with_failing_callback])
def test_an_exception_on_one_rank_ends_both(target: Any, tmp_path: Path) -> None:
    lives = two(target, tmp_path)
    assert 0 not in ends(lives)
    torch.load(tmp_path / "last.ckpt", weights_only=True)


@pytest.mark.parametrize("told", [(0, 1), (0,), (1,)])
def test_sigterm_ends_both_between_two_batches(told: tuple[int, ...], tmp_path: Path, record_property) -> None:
    moments = random.Random(5)
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        lives = two(run, folder)
        for life in lives:
            life.wait_until_ready()
        time.sleep(moments.uniform(0.1, 0.6))
        for rank in told:
            assert lives[rank].send(signal.SIGTERM)
        assert ends(lives) == [0, 0]  # a SIGTERMException is a SystemExit
        assert not (folder / "end.pt").exists()
        saved = torch.load(folder / "last.ckpt", weights_only=True)["gan_lightning"]["iteration"]
        assert saved % 6 == 0
    record_property("sigterms", 4)


def test_slurm_queues_both_again_and_they_go_on_as_if_nothing_was(tmp_path: Path, record_property) -> None:
    straight, folder, tools = tmp_path / "straight", tmp_path / "run", tmp_path / "tools"
    for each in (straight, folder, tools):
        each.mkdir()
    (tools / "scontrol").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    (tools / "scontrol").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    assert ends(two(run, straight)) == [0, 0]
    moments = random.Random(6)
    for requeues in range(1, 4):
        lives = slurm_job(folder, path)
        for life in lives:
            life.wait_until_ready()
        time.sleep(moments.uniform(0.1, 0.6))
        for life in lives:
            assert life.send(signal.SIGUSR1)
            time.sleep(moments.uniform(0, 0.1))
        saved = folder / f"hpc_ckpt_{requeues}.ckpt"
        until = time.monotonic() + small_run.TIMEOUT
        while not saved.exists() and time.monotonic() < until and lives[0].process.is_alive():
            time.sleep(0.05)
        for life in lives:
            life.send()
        ends(lives)
        assert saved.exists(), lives[0].said()
        assert torch.load(saved, weights_only=True)["gan_lightning"]["iteration"] % 10 == 0
    assert (tmp_path / "asked").read_text() == "requeue 77\n" * 3
    assert ends(slurm_job(folder, path)) == [0, 0]
    assert small_run.differences(torch.load(straight / "end.pt"), torch.load(folder / "end.pt")) == []
    record_property("requeues", 3)
