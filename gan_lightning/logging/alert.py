"""An alert to every logger that sends alerts, and not too many of them: people stop reading what comes all the time."""

import time
from typing import Any
from weakref import WeakKeyDictionary

from lightning.pytorch import Trainer

from gan_lightning.logging.spared import spared

MINUTES = 30.0
"""Time between two alerts about the same thing, if nobody sets another."""

_LIMITS: "WeakKeyDictionary[Any, Limit]" = WeakKeyDictionary()


class Limit:
    """Lets one alert about each subject pass in so many minutes, and counts the others.

    Args:
        minutes: at least 0; 0 lets all pass.

    Example:
        >>> limit = Limit(30)
        >>> limit.passes("oscillation", now=0), limit.passes("oscillation", now=60), limit.passes("divergence", now=61)
        (True, False, True)
        >>> limit.passes("oscillation", now=1800), limit.held_back("oscillation")
        (True, 1)
    """

    def __init__(self, minutes: float = MINUTES) -> None:
        self.minutes = minutes
        self._sent: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def passes(self, subject: str, now: float) -> bool:
        """Tell whether an alert may be sent at ``now`` (seconds), and remember it."""
        if now - self._sent.get(subject, -float("inf")) < 60 * self.minutes:
            self._held[subject] = self._held.get(subject, 0) + 1
            return False
        self._sent[subject] = now
        return True

    def held_back(self, subject: str) -> int:
        """Return how many were held back since the last one that this was asked for."""
        return self._held.pop(subject, 0)


def limit_alerts(trainer: Trainer, minutes: float) -> None:
    """Set the time between two alerts about the same thing, for all loggers of a trainer; what was sent counts."""
    for logger in trainer.loggers:
        _limit_of(logger).minutes = minutes


def alert(trainer: Trainer, title: str, text: str, subject: str | None = None) -> bool:
    """Send an alert through every logger that can, such as Weights & Biases; on rank 0, the others do nothing.

    Of alerts about the same subject, one passes in half an hour, or what ``limit_alerts`` sets; the next that passes
    says how many did not.

    Args:
        trainer: whose loggers are asked.
        title: a few words.
        text: what it is about.
        subject: what the limit goes by; the title if None.

    Returns:
        Whether any logger sent it.
    """
    if not trainer.is_global_zero:
        return False
    sent = [_offer(logger, title, text, subject or title) for logger in trainer.loggers]
    return any(sent)


def _offer(logger: Any, title: str, text: str, subject: str) -> bool:
    """Send by what the logger's experiment can do, not by its class; tell whether it did."""
    with spared(logger, "send an alert"):
        send = getattr(getattr(logger, "experiment", None), "alert", None)
        limit = _limit_of(logger)
        if callable(send) and limit.passes(subject, time.monotonic()):
            held = limit.held_back(subject)
            send(title=title, text=f"{text}\n({held} more about it since the last alert)" if held else text)
            return True
    return False


def _limit_of(logger: Any) -> Limit:
    return _LIMITS.setdefault(logger, Limit())
