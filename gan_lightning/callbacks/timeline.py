"""What the monitors of a run have found, as a table that grows."""

from typing import Any

from lightning.pytorch import Trainer

from gan_lightning.logging import log_table
from gan_lightning.logging.spared import spared
from gan_lightning.logging.table import Cell

COLUMNS = ("verdict", "severity", "since", "found", "over", "reason", "advice")


class Timeline:
    """Logs the table ``health/timeline`` each time it has changed."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []

    def show(self, trainer: Trainer) -> None:
        """Log what is new, if anything is; call it on all ranks."""
        with spared(self, "show verdicts"):
            rows = verdict_rows(trainer)
            if rows != self.rows:
                self.rows = rows
                log_table(trainer, "health/timeline", COLUMNS, rows)


def verdict_rows(trainer: Trainer) -> list[list[Cell]]:
    """Return a row per verdict of all callbacks that have ``episodes``, by onset.

    What two monitors have found is one row; ``over`` is empty while a verdict stands.
    """
    episodes = [each for callback in _callbacks(trainer) for each in getattr(callback, "episodes", ())]
    rows = {(verdict.kind, verdict.onset): _row(verdict, end) for verdict, end in reversed(episodes)}
    return sorted(rows.values(), key=lambda row: (row[2], row[0]))


def _row(verdict: Any, end: int | None) -> list[Cell]:
    advice = "; ".join(f"{place}. {what}" for place, what in enumerate(verdict.advice, 1))
    return [verdict.title, verdict.severity, verdict.onset, verdict.iteration, end, verdict.reason, advice]


def _callbacks(trainer: Trainer) -> list[Any]:
    found: list[Any] = trainer.callbacks  # type: ignore[attr-defined]
    return found
