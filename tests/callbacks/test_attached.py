"""What all drop-in callbacks share: whose steps they hear, whose numbers they keep, and that they let go."""

from typing import Any

import pytest
import torch
from foreign_modules import Official, RawBackward, batches_for, bce
from helpers import Batches, fit, weights

from gan_lightning import (
    AddHistoricalAveraging,
    AddInstanceNoise,
    AddR1,
    ClipGradients,
    GeneratorEMA,
)

DATA = batches_for(Official)


def trained(module: Any, *callbacks: Any, **arguments: Any) -> Any:
    fit(module, Batches(*batches_for(type(module))), callbacks=list(callbacks), **arguments)
    return module


class OneRaw(RawBackward):
    """Steps the discriminator's own torch optimizer, so that global_step counts only the generator's updates."""

    def configure_optimizers(self):
        made = super().configure_optimizers()
        return made[::-1]

    def training_step(self, batch, batch_idx):
        real, _ = batch
        opt_g, opt_d = self.optimizers()
        fake = self.netG(torch.randn(len(real), 4).to(real))
        opt_g.zero_grad()
        self.manual_backward(bce(self.netD(fake), 1.0))
        opt_g.step()
        opt_d.zero_grad()
        self.manual_backward(bce(self.netD(real), 1.0) + bce(self.netD(fake.detach()), 0.0))
        opt_d.optimizer.step()


@pytest.mark.parametrize("callback", [AddR1(), AddHistoricalAveraging(), ClipGradients(1.0, 1.0)])
def test_a_step_behind_lightnings_back_is_heard_though_the_other_player_steps_as_it_should(callback: Any) -> None:
    with pytest.raises(RuntimeError, match=r"heard nothing of this step of RMSprop: .* not its \.optimizer"):
        trained(OneRaw(), callback)


class Joint(Official):
    """One optimizer, stepped for each player in turn."""

    def training_step(self, batch, batch_idx):
        optimizer = self.optimizers()
        fake = self(self.latents(batch))
        for loss in (bce(self.discriminator(batch), 1.0) + bce(self.discriminator(fake.detach()), 0.0), None):
            optimizer.zero_grad()
            self.manual_backward(bce(self.discriminator(fake), 1.0) if loss is None else loss)
            optimizer.step()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


@pytest.mark.parametrize(
    "callback",
    [AddR1(every=2), AddHistoricalAveraging(weight_g=0.0), ClipGradients(max_norm_d=1e-9), GeneratorEMA()],
)
def test_an_optimizer_of_both_players_is_refused(callback: Any) -> None:
    with pytest.raises(ValueError, match=r"one optimizer updates both players, the \w+ \w+ and \w+"):
        trained(Joint(), callback)


def updates(callback: Any) -> Any:
    """What a callback has counted."""
    state = callback.state_dict()
    return {player: int(kept["count"]) for player, kept in state["history"].items()} if "history" in state else state


@pytest.mark.parametrize("make", [AddR1, lambda: AddInstanceNoise(over=100), AddHistoricalAveraging])
def test_another_module_starts_anew_and_the_same_one_goes_on(make: Any) -> None:
    used, fresh, twice = make(), make(), make()
    trained(Official(), used)
    module = Official()
    trained(module, twice)
    trained(module, twice)
    trained(Official(), used)
    trained(Official(), fresh)
    assert updates(used) == updates(fresh)
    assert updates(twice) != updates(fresh)


def test_the_average_of_another_module_is_forgotten() -> None:
    used = GeneratorEMA(half_life_kimg=1000.0, ramp_up=None)
    trained(Official(), used)
    torch.manual_seed(5)
    module = Official()
    start = weights(module.generator)
    trained(module, used)
    torch.testing.assert_close(weights(used.average_model()), start, rtol=0, atol=1e-3)
    assert used.state_dict()["images"] == 8 * len(DATA)


def test_an_average_from_a_checkpoint_is_kept(tmp_path: Any) -> None:
    used = GeneratorEMA()
    run = fit(Official(), Batches(*DATA), callbacks=[used])
    run.save_checkpoint(tmp_path / "x.ckpt")
    trained(Official(), used, ckpt_path=tmp_path / "x.ckpt", max_epochs=2)
    assert used.state_dict()["images"] == 2 * 8 * len(DATA)


def test_no_other_module_is_judged_with_the_average() -> None:
    used = GeneratorEMA()
    run = fit(Official(), Batches(*DATA), callbacks=[used])
    with pytest.warns(UserWarning, match="has no average yet"):
        run.predict(Official(), Batches(*DATA))


def test_after_an_error_nothing_is_held() -> None:
    class Fails(Official):
        def training_step(self, batch, batch_idx):
            if batch_idx == 2:
                raise ZeroDivisionError
            super().training_step(batch, batch_idx)

    r1, noise = AddR1(), AddInstanceNoise(std=1.0)
    module = Fails()
    with pytest.raises(ZeroDivisionError):
        trained(module, r1, noise)
    assert r1._calls._reals == []
    assert not noise._is_training


@pytest.mark.parametrize("make", [AddR1, AddInstanceNoise, ClipGradients, GeneratorEMA, AddHistoricalAveraging])
def test_nan_is_no_setting(make: Any) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got nan"):
        make(float("nan"))
