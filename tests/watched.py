"""Runs with a health monitor, and detectors that say what they are told to."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from helpers import fit, make, points
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import Logger

from gan_lightning.health import Detector, HealthMonitor, Verdict
from gan_lightning.logging.announce import LOG

EVERY = 10
SETTINGS = {"every": EVERY, "samples": 64}
BATCH = 256
CALIBRATION = 2048 // BATCH
"""Batches until the reference is fitted."""


class Says(Detector):
    """Finds a kind of failure from one iteration to another, whatever happens."""

    def __init__(self, kind: str = "mode_collapse", begin: int = 30, end: int = 10**9, severity: str = "failure"):
        self.kind, self.begin, self.end, self.severity = kind, begin, end, severity

    def measure(self, window):
        unknown = torch.full((), torch.nan)
        return {f"{self.kind}/spread": window.fake.std(), "d/rank_accuracy": window.rank_accuracy, "never": unknown}

    def judge(self, history):
        if not self.begin <= history.iteration < self.end:
            return None
        evidence = {"d/rank_accuracy": history.now("d/rank_accuracy")}
        now = history.iteration
        return Verdict(self.kind, self.severity, now, now, evidence, "it was told so", "a test", ("look", "wait"))


def healthy() -> Says:
    return Says(begin=10**9)


def run(
    *callbacks: Any, iterations: int = 60, module: Any = None, seed: int = 1, **arguments: Any
) -> tuple[Any, Trainer]:
    """Train a toy GAN for some iterations; return it and the trainer."""
    module = make(seed=seed) if module is None else module
    return module, fit(module, points(BATCH, iterations), callbacks=list(callbacks), **arguments)


def monitor(*detectors: Detector, **arguments: Any) -> HealthMonitor:
    return HealthMonitor(detectors or [healthy()], **(SETTINGS | arguments))


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what is shown to people."""
    texts: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: texts.append(record.getMessage())
    level = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        yield texts
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)


class Keeps(Logger):
    """A logger of someone else's."""

    name, version = "keeps", 0

    def __init__(self) -> None:
        super().__init__()
        self.logged: list[tuple[dict[str, Any], int]] = []

    def log_metrics(self, metrics, step=None) -> None:
        self.logged.append((dict(metrics), step))

    def log_hyperparams(self, params) -> None:
        pass

    def of_health(self) -> list[tuple[dict[str, Any], int]]:
        return [(each, step) for each, step in self.logged if any(name.startswith("health/") for name in each)]
