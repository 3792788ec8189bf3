"""A plain step asks the GPU for nothing: the CPU runs ahead of it."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from helpers import Batches, fit, make, points
from lightning.pytorch import Callback

from gan_lightning import ADA, GAN, R1, ClipGradients, DiffAugment, GeneratorEMA, LeCam

pytestmark = pytest.mark.gpu

WARM_UP = 4
"""Batches that may wait for the GPU: the checks of the first batch, and the optimizers' first steps."""


class MustNotWait(Callback):
    """Turns each synchronisation within a batch into an error, once it is warm."""

    def __init__(self) -> None:
        self.batches = 0

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx >= WARM_UP:
            self.batches += 1
            torch.cuda.set_sync_debug_mode("error")

    def on_train_batch_end(self, *_: Any) -> None:
        torch.cuda.set_sync_debug_mode("default")


@pytest.fixture(autouse=True)
def _default_mode() -> Iterator[None]:
    """Put the mode back after a failure."""
    yield
    if torch.cuda.is_available():
        torch.cuda.set_sync_debug_mode("default")


def train(cls: type[GAN], *callbacks: Callback, **arguments: Any) -> MustNotWait:
    watch, options = MustNotWait(), {"precision": arguments.pop("precision", "32-true")}
    data = Batches(*(x.cuda() for x in points(batches=WARM_UP + 8)))  # a copy from the host would wait by itself
    gan = make(cls, **arguments)
    fit(gan, data, accelerator="cuda", callbacks=[watch, *callbacks], log_every_n_steps=1000, **options)
    return watch


CASES: dict[str, tuple[type[GAN], dict[str, Any]]] = {
    "plain": (GAN, {}),
    "bf16-mixed": (GAN, {"precision": "bf16-mixed"}),
    "R1": (R1, {"r1_gamma": 1.0}),
    "LeCam": (LeCam, {"lecam_weight": 0.1}),
    "ADA": (ADA, {"ada_initial": 0.5}),
    "DiffAugment": (DiffAugment, {}),
    "clipped": (GAN, {"clip_d": 0.1, "clip_g": 0.1}),
    "micro-batches": (GAN, {"micro_batches_d": 2, "micro_batches_g": 2}),
    "two discriminator updates": (GAN, {"d_steps": 2}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_step_that_is_not_logged_does_not_wait(case: str) -> None:
    cls, arguments = CASES[case]
    assert train(cls, **arguments).batches == 8


@pytest.mark.parametrize("callback", [GeneratorEMA(), ClipGradients(0.1, 0.1)], ids=lambda c: type(c).__name__)
def test_nor_does_a_callback(callback: Callback) -> None:
    assert train(GAN, callback).batches == 8


def test_the_watch_sees_a_wait() -> None:
    """What ``item`` does; torch's own scaler of 16-mixed does so too, once per update, for its decision to skip."""

    class Asks(GAN):
        def d_terms(self, step):
            terms = super().d_terms(step)
            terms["adv"].item()
            return terms

    with pytest.raises(RuntimeError, match="synchronizing CUDA operation"):
        train(Asks)
