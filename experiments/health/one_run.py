"""One run: a recipe and a seed in; out, what detectors could see at each check, and what the oracle saw."""

import logging
import warnings
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import torch
from building import data_of, module_of
from conditions import CONDITIONS
from kept_windows import WindowKeeper
from lightning.pytorch import Callback, LightningModule, Trainer
from losses import LOSSES
from oracle import grade, look
from recipes import ITERATIONS, Recipe, Run

from gan_lightning.health import HealthMonitor

EVERY = 100


def iterations_of(recipe: Recipe) -> int:
    """Return the length of a run."""
    condition = CONDITIONS[recipe.condition]
    return int(ITERATIONS * condition.longer * LOSSES[condition.loss or recipe.setting.loss].longer)


def train(run: Run) -> tuple[dict[str, Any], WindowKeeper]:
    """Train from scratch under the monitor, and keep its windows; it and the oracle know nothing of each other."""
    iterations, condition = iterations_of(run.recipe), CONDITIONS[run.recipe.condition]
    keeper, oracle = WindowKeeper(), Oracle(run.recipe.setting.data, condition.scale)
    torch.manual_seed(run.seed)
    monitor = HealthMonitor([keeper], every=EVERY)
    callbacks = [*condition.events(iterations), monitor, oracle, Horizon(iterations)]
    begin = process_time()
    setting = run.recipe.setting
    fit(module_of(condition, setting), data_of(condition, setting, run.seed), callbacks, **condition.trainer)
    figures = {
        "recipe": run.recipe.name,
        "seed": run.seed,
        "iterations": iterations,
        "seconds": round(process_time() - begin, 2),
        "oracle": oracle.seen,
    }
    return figures, keeper


def fit(module: LightningModule, data: Any, callbacks: list[Callback], **options: Any) -> None:
    """Train on one thread of the CPU, in silence."""
    torch.set_num_threads(1)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings(), TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        trainer = Trainer(
            accelerator="cpu",
            devices=1,
            max_epochs=-1,
            default_root_dir=folder,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=callbacks,
            **options,
        )
        trainer.fit(module, datamodule=data)


class Horizon(Callback):
    """Stop after these many batches, which ``max_steps`` counts differently in each module."""

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        if trainer.fit_loop.epoch_loop.total_batch_idx + 1 >= self.iterations:
            trainer.should_stop = True


class Oracle(Callback):
    """Look at fresh samples at intervals; draws nothing from the run's random state.

    Args:
        data: name of the data set.
        scale: of the samples against those of the data set.
    """

    def __init__(self, data: str, scale: float) -> None:
        self.data, self.scale = data, scale
        self.seen: list[dict[str, Any]] = []

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        clock = trainer.fit_loop.epoch_loop.total_batch_idx + 1
        if clock % EVERY == 0:
            figures = look(pl_module, self.data, self.scale)
            rounded = {name: round(value, 4) for name, value in figures.items()}
            self.seen.append({"iteration": clock, "grade": grade(figures), **rounded})
