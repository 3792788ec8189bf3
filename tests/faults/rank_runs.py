"""What the processes of a test run: functions of a module that each of them can import."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from faults import small_run
from faults.disturbers import Disturbs, Fails
from faults.lives import Life
from helpers import Batches, points

STEPS = 300
"""Updates of the generator; no test lets a disturbed run come so far."""

Ready = Callable[[], None]


def is_second() -> bool:
    return os.environ["LOCAL_RANK"] == "1"


def fail() -> None:
    raise RuntimeError("on one rank only")


def poisoned(batches: int, at: int, n: int = 8) -> Batches:
    """Return points with one NaN in one batch."""
    data = points(n, batches)
    data.batches[at][0, 0] = torch.nan
    return data


def run(folder: Path, ready: Ready) -> None:
    small_run.train(folder, STEPS, ready=ready)


def with_failing_logger(folder: Path, ready: Ready) -> None:
    small_run.train(folder, STEPS, logger=Fails(after=2), ready=ready)


def with_failing_callback(folder: Path, ready: Ready) -> None:
    more = [Disturbs("on_before_optimizer_step", 20, fail)] if is_second() else []
    small_run.train(folder, STEPS, *more, ready=ready)


def with_a_nan_on_one(folder: Path, ready: Ready) -> None:
    samples = poisoned(40, 9, n=4) if is_second() else points(4, 40)
    small_run.train(folder, 10, ready=ready, samples=samples)


def under_slurm(folder: Path, ready: Ready) -> None:
    small_run.train(folder, STEPS, ckpt_path=None, ready=ready)


def with_wandb(folder: Path, ready: Ready) -> None:
    import wandb
    from lightning.pytorch.loggers import WandbLogger

    warnings.simplefilter("ignore")
    logger = WandbLogger(save_dir=folder, project="faults", settings=wandb.Settings(init_timeout=4))
    small_run.train(folder, 12, logger=logger, log_every_n_steps=2, ready=ready)


def two(target: Any, folder: Path, **environment: str) -> list[Life]:
    """Start a function as two ranks."""
    return [
        Life(target, folder, log=folder / f"rank{rank}.log", **own, **environment)
        for rank, own in enumerate(small_run.ranks_of(2))
    ]


def slurm_job(folder: Path, path: str) -> list[Life]:
    """Start a run as the two tasks of a SLURM job, with ``scontrol`` somewhere on ``path``."""
    lives = []
    for rank, own in enumerate(small_run.ranks_of(2)):
        job = {"NTASKS": "2", "NTASKS_PER_NODE": "2", "NODEID": "0", "PROCID": str(rank), "LOCALID": str(rank)}
        named = {f"SLURM_{name}": value for name, value in (job | {"JOB_NAME": "train", "JOB_ID": "77"}).items()}
        lives.append(Life(under_slurm, folder, log=folder / f"rank{rank}.log", PATH=path, **own, **named))
    return lives


def ends(lives: list[Life]) -> list[int]:
    """Return the exit codes of ranks of which one may have to give up waiting for another."""
    return [life.end(small_run.TIMEOUT + 30) for life in lives]
