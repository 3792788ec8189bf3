"""The spread of the data, to which remedies are scaled, whatever the last batch before a check was like."""

from typing import Any

import pytest
import torch
from foreign_modules import Official, bce
from helpers import Batches, fit
from watched import BATCH, EVERY, Says, heard, monitor

from gan_lightning.health.remedies import Ladder, ZeroCenteredPenalties

FAILS = 4 * EVERY


class InTurns(Official):
    """Updates one player per batch, and shows the discriminator samples that were rescaled on the way."""

    def training_step(self, batch: Any, batch_idx: int) -> None:
        optimizer_g, optimizer_d = self.optimizers()
        fake = self(self.latents(batch))
        if batch_idx % 2:
            self.toggle_optimizer(optimizer_g)
            loss, optimizer = bce(self.discriminator(fake), 1.0), optimizer_g
        else:
            self.toggle_optimizer(optimizer_d)
            real = batch / 100 - 1
            loss = bce(self.discriminator(real), 1.0) + bce(self.discriminator(fake.detach()), 0.0)
            optimizer = optimizer_d
        self.manual_backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        self.untoggle_optimizer(optimizer)


def applied_gamma(module: Any, batches: list[torch.Tensor]) -> float:
    remedy = ZeroCenteredPenalties()
    watching = monitor(Says("mode_collapse", FAILS), remedies=Ladder({"mode_collapse": [remedy]}))
    with heard() as texts:
        fit(module, Batches(*batches), callbacks=[watching])
    assert remedy.is_active, texts
    return remedy._added["real"]


def samples(num: int) -> list[torch.Tensor]:
    return [3 * torch.randn(BATCH, 2) for _ in range(num)]


def test_rows_that_are_not_finite_do_not_hide_the_others() -> None:
    batches = samples(FAILS + EVERY)
    clean = applied_gamma(Official(), batches)
    for batch in batches[EVERY:]:
        batch[::7] = torch.nan
    assert applied_gamma(Official(), batches) == pytest.approx(clean, rel=0.3)


def test_players_that_take_turns_and_samples_that_are_rescaled() -> None:
    batches = samples(FAILS + EVERY)
    alike = applied_gamma(Official(), batches)
    assert applied_gamma(InTurns(), [100 * (each + 1) for each in batches]) == pytest.approx(alike, rel=0.3)
