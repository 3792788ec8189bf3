"""Numbers to every logger, outside of a module's own log."""

from collections.abc import Mapping
from math import isfinite

from lightning.pytorch import Trainer

from gan_lightning.logging.spared import spared


def log_scalars(trainer: Trainer, values: Mapping[str, float]) -> None:
    """Log numbers at the step that Lightning logs this batch at; what is not finite is left out.

    Args:
        trainer: whose loggers are served; without any, and on other ranks than 0, nothing is done.
        values: by name, with slashes.
    """
    finite = {name: value for name, value in values.items() if isfinite(value)}
    if not finite or not trainer.is_global_zero:
        return
    step = trainer.fit_loop.epoch_loop._batches_that_stepped  # the x-axis of what Lightning logs
    for logger in trainer.loggers:
        with spared(logger, "log numbers"):
            logger.log_metrics(finite, step)
            logger.save()
