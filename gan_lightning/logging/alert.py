"""An alert to every logger that sends alerts."""

from typing import Any

from lightning.pytorch import Trainer

from gan_lightning.logging.spared import spared


def alert(trainer: Trainer, title: str, text: str) -> bool:
    """Send an alert through every logger that can, such as Weights & Biases; on rank 0, the others do nothing.

    Args:
        trainer: whose loggers are asked.
        title: a few words.
        text: what it is about.

    Returns:
        Whether any logger sent it.
    """
    if not trainer.is_global_zero:
        return False
    sent = [_offer(logger, title, text) for logger in trainer.loggers]
    return any(sent)


def _offer(logger: Any, title: str, text: str) -> bool:
    """Send by what the logger's experiment can do, not by its class; tell whether it could."""
    with spared(logger, "send an alert"):
        send = getattr(getattr(logger, "experiment", None), "alert", None)
        if callable(send):
            send(title=title, text=text)
            return True
    return False
