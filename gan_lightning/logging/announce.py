"""Text for people, while a progress bar may be on the screen."""

import logging

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks.progress.tqdm_progress import Tqdm

LOG = logging.getLogger("lightning.pytorch.gan_lightning")
"""Below Lightning's own, so that it is shown and silenced as Lightning's messages are."""


def announce(trainer: Trainer, text: str, level: int = logging.INFO) -> None:
    """Show text on rank 0, above a progress bar if there is one.

    Args:
        trainer: that runs.
        text: one line or more.
        level: of ``logging``.
    """
    if trainer.is_global_zero:
        with Tqdm.external_write_mode():
            LOG.log(level, text)
