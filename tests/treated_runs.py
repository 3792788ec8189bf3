"""Runs that go back in time, and verdicts that are planted, for the tests of remedies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from helpers import InterruptError, fit, make
from lightning.pytorch import Callback
from torch import nn

from gan_lightning import ADA, GeneratorEMA, compose
from gan_lightning.data import TensorData
from gan_lightning.health import Detector, Verdict
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.snapshot import Snapshot
from gan_lightning.probe import probe_for


def data(n: int = 160, seed: int = 3) -> TensorData:
    """Ten batches per epoch."""
    return TensorData(torch.randn(n, 2, generator=torch.Generator().manual_seed(0)), batch_size=16, seed=seed)


def decaying(optimizer: Any) -> Any:
    return torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.98)


def plain() -> Any:
    return make(scheduler_d=decaying, scheduler_g=decaying)


def with_techniques() -> Any:
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 2))
    cls = compose.LeCam__R1__GAN
    return make(cls, generator=generator, r1_gamma=1.0, r1_every=3, lecam_weight=0.1, d_steps=2, scheduler_d=decaying)


def adaptive() -> Any:
    return make(ADA, ada_initial=0.3, ada_speed_kimg=0.5)


MODULES: dict[str, Callable[[], Any]] = {"plain": plain, "techniques": with_techniques, "ada": adaptive}


class Returns(Callback):
    """Keep the state after some batches, and go back to it later."""

    goes_back = False

    def __init__(self, take: int, leave: int, go: Callable[[Patient, Snapshot], None] | None = None) -> None:
        self.take, self.leave, self.go = take, leave, go
        self.snapshot: Snapshot | None = None

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        clock = trainer.fit_loop.total_batch_idx + 1
        if clock in (self.take, self.leave):
            patient = Patient(trainer, pl_module, probe_for(trainer, pl_module), clock)
            if clock == self.take:
                self.snapshot = Snapshot.take(patient)
            elif self.go is None:
                self.snapshot.restore(patient)
            else:
                self.go(patient, self.snapshot)


class Halt(Callback):
    """End a run after some batches, whatever the generator's steps."""

    goes_back = False

    def __init__(self, after: int) -> None:
        self.after = after

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        trainer.should_stop = trainer.fit_loop.total_batch_idx + 1 >= self.after


class StopsAt(Callback):
    """Save after some batches of any module, and end the run there."""

    def __init__(self, after: int, file: Path) -> None:
        self.after, self.file = after, file

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        if trainer.fit_loop.total_batch_idx + 1 == self.after:
            trainer.save_checkpoint(self.file)
            raise InterruptError


class Planted(Detector):
    """Says that something is wrong in some spans of iterations."""

    def __init__(self, kind: str, *spans: tuple[int, int], onset: int | None = None) -> None:
        self.kind, self.spans, self.onset = kind, spans, onset

    def measure(self, window: Any) -> dict[str, torch.Tensor]:
        return {f"planted/{self.kind}": window.fake.mean()}

    def judge(self, history: Any) -> Verdict | None:
        now = history.iteration
        if not any(begin <= now <= end for begin, end in self.spans):
            return None
        return verdict(self.kind, self.onset or now, now)


def verdict(kind: str, onset: int, iteration: int | None = None, severity: str = "failure") -> Verdict:
    return Verdict(kind, severity, onset, iteration or onset, {}, "it was planted", "a test", ())


def final_state(module: Any, ema: GeneratorEMA) -> dict[str, Any]:
    """What a run is to end with."""
    optimizers = [each.optimizer.state_dict() for each in module.optimizers()] if module._trainer else []
    return {
        "weights": {name: x.clone() for name, x in module.state_dict().items()},
        "optimizers": optimizers,
        "average": ema.state_dict(),
        "iteration": module.iteration,
        "random": torch.get_rng_state(),
    }


def run(name: str, batches: int, *callbacks: Callback, **arguments: Any) -> dict[str, Any]:
    """Train a module of ``MODULES`` for some batches."""
    module, ema = MODULES[name](), GeneratorEMA(half_life_kimg=0.05)
    everything = [ema, *callbacks, Halt(batches)]
    fit(module, arguments.pop("data", None) or data(), callbacks=everything, max_epochs=-1, **arguments)
    return final_state(module, ema)


def same(first: Any, second: Any) -> bool:
    """Whether nested states are equal bit for bit."""
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)
