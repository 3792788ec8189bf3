"""What an evaluation found, brought to whoever reads it: loggers, a file, the callbacks that watch, and people."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from lightning.pytorch import Trainer

from gan_lightning.callbacks.evaluation_file import EvaluationFile
from gan_lightning.callbacks.measured import PREFIX, Evaluated, Figures
from gan_lightning.logging import announce, log_scalars


def publish(trainer: Trainer, file: EvaluationFile, figures: Mapping[str, Figures], told: str) -> Evaluated:
    """Show, log and keep figures, by their metrics' names.

    Args:
        trainer: that runs.
        file: that rank 0 appends to.
        figures: of this iteration.
        told: what else people are told about them.
    """
    iteration = iteration_of(trainer)
    values = {name: value for each in figures.values() for name, value in each.logged.items()}
    show(trainer, values)
    log_scalars(trainer, values)
    if trainer.is_global_zero:
        for name, each in figures.items():
            file.write(iteration, name, each.values, each.floors, each.facts)
    shown = ", ".join(f"{name.removeprefix(PREFIX)} {value:.4g}" for name, value in values.items())
    announce(trainer, f"Iteration {iteration:,}: {shown} ({told})")
    return Evaluated(iteration, values, {name: each.facts for name, each in figures.items()})


def show(trainer: Trainer, values: Mapping[str, float]) -> None:
    """Put values where ``ModelCheckpoint`` and ``EarlyStopping`` look."""
    trainer.callback_metrics.update({name: torch.tensor(value) for name, value in values.items()})


def iteration_of(trainer: Trainer) -> int:
    """Return how many batches were trained on, the one that ends included."""
    return trainer.fit_loop.epoch_loop.total_batch_idx + 1


def refuse_shared_names(evaluations: Sequence[Any]) -> None:
    """Refuse two evaluations of which one's figures would be logged under the other's names.

    Raises:
        ValueError: if a metric has the name of another.
    """
    names = [name for each in evaluations for name in each.panel.metrics]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"several Evaluations measure {', '.join(map(repr, twice))}, and would log it under one name: name one of "
            "them otherwise, such as 'val_fid'"
        )
