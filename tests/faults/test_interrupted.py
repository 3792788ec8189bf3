"""An exception, Ctrl-C, SIGTERM, and a SLURM job that is queued again, in the middle of an update and between two."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from faults import small_run
from faults.disturbers import Disturbs, Signals
from lightning.pytorch.plugins.environments import SLURMEnvironment
from lightning.pytorch.utilities.exceptions import SIGTERMException

STEPS = 16
"""Updates of the generator; it has its turn each second iteration."""
MOMENTS = [
    ("on_train_batch_start", 16),
    ("on_before_backward", 25),
    ("on_before_optimizer_step", 23),  # of the discriminator, the generator's turn comes after it
    ("on_before_optimizer_step", 24),
    ("on_train_batch_end", 17),
]

pytestmark = pytest.mark.filterwarnings("ignore:.*srun.* command is available")


class OwnError(Exception):
    """Of a user's callback."""


def fail() -> None:
    raise OwnError


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    return small_run.undisturbed(tmp_path_factory.mktemp("straight") / "run", STEPS)


def is_as(straight: dict[str, torch.Tensor], folder: Path, *more: Any, **arguments: Any) -> bool:
    assert not (folder / "end.pt").exists()
    return small_run.differences(straight, small_run.resumed(folder, STEPS, *more, **arguments)) == []


@pytest.fixture(autouse=True)
def _heeds_ctrl_c() -> Iterator[None]:
    """A shell starts what runs in its background deaf to Ctrl-C, and pytest may be part of that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("hook", "count"), MOMENTS)
@pytest.mark.parametrize(
    ("act", "raised"),
    [(fail, OwnError), (Signals(signal.SIGINT), SystemExit), (Signals(signal.SIGTERM), SIGTERMException)],
    ids=["exception", "ctrl-c", "sigterm"],
)
def test_the_last_checkpoint_is_gone_on_from(hook, count, act, raised, straight, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(raised):
        small_run.train(tmp_path, STEPS, Disturbs(hook, count, act))
    assert signal.getsignal(signal.SIGINT) is before
    assert is_as(straight, tmp_path)


def test_a_module_that_was_interrupted_is_whole(tmp_path: Path) -> None:
    """No parameter stays frozen that was, for the other player's sake, when the exception came."""
    seen = []

    class Keeps(Disturbs):
        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            seen.append(pl_module)

    with pytest.raises(OwnError):
        small_run.train(tmp_path, STEPS, Keeps("on_before_backward", 25, fail))
    assert all(p.requires_grad for p in seen[0].parameters())


@pytest.mark.parametrize(("hook", "count"), MOMENTS)
def test_what_sigterm_saves_is_the_straight_run(hook: str, count: int, straight, tmp_path: Path) -> None:
    """Lightning ends the batch first, so ``save_on_exception`` loses nothing."""
    saver = small_run.saver(tmp_path, save_on_exception=True)
    with pytest.raises(SIGTERMException):
        small_run.train(tmp_path, STEPS, Disturbs(hook, count, Signals(signal.SIGTERM)), saver)
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)["gan_lightning"]["iteration"]
    assert saved >= 11  # the regular checkpoints are those after 6, 12, 18 ... iterations
    assert is_as(straight, tmp_path, small_run.saver(tmp_path, save_on_exception=True))


@pytest.mark.parametrize(("hook", "count"), MOMENTS)
def test_what_an_exception_saves_loads_and_goes_on(hook: str, count: int, tmp_path: Path) -> None:
    """It may hold half an iteration, which is not the straight run; the regular checkpoints are."""
    saver = small_run.saver(tmp_path, save_on_exception=True)
    with pytest.raises(OwnError):
        small_run.train(tmp_path, STEPS, Disturbs(hook, count, fail), saver)
    ended = small_run.resumed(tmp_path, STEPS, small_run.saver(tmp_path, save_on_exception=True))
    assert all(tensor.isfinite().all() for tensor in ended.values())


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job of SLURM's, and a ``scontrol`` that writes down what it was asked."""
    asked, tools = tmp_path / "asked", tmp_path / "tools"
    tools.mkdir()
    (tools / "scontrol").write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    (tools / "scontrol").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    job = {"NTASKS": "1", "JOB_NAME": "train", "JOB_ID": "77", "PROCID": "0", "LOCALID": "0", "NODEID": "0"}
    for name, value in job.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    return asked


@pytest.mark.parametrize(("hook", "count"), MOMENTS)
def test_a_job_that_slurm_queues_again(hook: str, count: int, slurm: Path, straight, tmp_path: Path) -> None:
    first = tmp_path / "first"
    plugins = [SLURMEnvironment(auto_requeue=True, requeue_signal=signal.SIGUSR1)]
    before = signal.getsignal(signal.SIGUSR1)
    small_run.train(first, STEPS, Disturbs(hook, count, Signals(signal.SIGUSR1)), plugins=plugins)
    assert signal.getsignal(signal.SIGUSR1) is before
    assert slurm.read_text() == "requeue 77\n"
    saved = torch.load(first / "hpc_ckpt_1.ckpt", weights_only=True)["gan_lightning"]["iteration"]
    assert 11 <= saved <= 17
    assert small_run.differences(straight, torch.load(first / "end.pt")) == []  # SLURM lets it go on for a while
    (first / "end.pt").unlink()
    (first / "last.ckpt").unlink()
    assert is_as(straight, first, ckpt_path=None)
