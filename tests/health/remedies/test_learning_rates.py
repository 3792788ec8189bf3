"""Learning rates turned while it trains: in the groups, and in what schedulers start from."""

from typing import Any

import pytest
import torch
from foreign_modules import HiddenJudge, Official, batches_for
from helpers import Batches, InterruptError, StopAfter, fit, make, points, weights
from lightning.pytorch import Callback
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR, StepLR
from treatment import Treatment

from gan_lightning import AdamGAN
from gan_lightning.health.remedies import LearningRate, SafeLearningRates

SCHEDULERS = {
    "none": None,
    "step": lambda optimizer: StepLR(optimizer, 3, gamma=0.5),
    "lambda": lambda optimizer: LambdaLR(optimizer, lambda step: 1 / (1 + step)),
    "cosine": lambda optimizer: CosineAnnealingLR(optimizer, 20),
    "sequence": lambda optimizer: SequentialLR(
        optimizer, [LinearLR(optimizer, total_iters=3), StepLR(optimizer, 2)], [4]
    ),
}


class SeenRates(Callback):
    """The learning rates of D and G at each iteration, as the updates use them."""

    def __init__(self) -> None:
        self.rates: list[list[float]] = []

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        self.rates.append([group["lr"] for each in trainer.optimizers for group in each.param_groups])


def rates(scheduler: Any, *callbacks: Any) -> torch.Tensor:
    seen, gan = SeenRates(), make(scheduler_d=scheduler, scheduler_g=scheduler)
    fit(gan, points(), callbacks=[*callbacks, seen], max_epochs=3)
    return torch.tensor(seen.rates)


@pytest.mark.parametrize("scheduler", SCHEDULERS.values(), ids=SCHEDULERS)
def test_the_rate_is_multiplied_while_it_is_active_whatever_schedulers_do(scheduler: Any) -> None:
    plain = rates(scheduler)
    changed = rates(scheduler, Treatment(LearningRate("discriminator", factor=0.2), first=2, end=8))
    factors = torch.ones_like(plain)
    factors[2 * 2 : 2 * 8, 0] = 0.2  # two updates per iteration; D's optimizer is the first
    torch.testing.assert_close(changed, plain * factors)


@pytest.mark.parametrize("cls", [Official, HiddenJudge])
def test_undone_the_groups_are_the_same_bit_for_bit(cls: type) -> None:
    module, treatment = cls(), Treatment(LearningRate(factor=1 / 3), first=1, end=4)
    before = fit(module, Batches(*batches_for(cls)), callbacks=[SeenRates()]).optimizers
    settings = [dict(group, params=None) for each in before for group in each.param_groups]
    after = fit(module, Batches(*batches_for(cls)), callbacks=[treatment]).optimizers
    assert [dict(group, params=None) for each in after for group in each.param_groups] == settings


def test_limits_hold_and_what_would_change_nothing_is_refused() -> None:
    treatment = Treatment(LearningRate("generator", factor=0.01, low=1e-4))
    fit(make(optimizer_g=lambda p: AdamGAN(p, lr=1e-3)), callbacks=[treatment])
    assert (treatment.changes[0].before, treatment.changes[0].after) == ("0.001", "0.0001")
    with pytest.raises(ValueError, match=r"learning rate of D x 0\.2 would change nothing"):
        fit(make(), callbacks=[Treatment(LearningRate("discriminator", factor=0.2, low=1.0, high=2.0))])


def test_safe_rates_lower_the_faster_player_to_the_slower() -> None:
    treatment = Treatment(SafeLearningRates(), first=1)
    gan = make(optimizer_d=lambda p: AdamGAN(p, lr=1e-2), optimizer_g=lambda p: AdamGAN(p, lr=1e-3))
    run = fit(gan, callbacks=[treatment])
    assert [each.param_groups[0]["lr"] for each in run.optimizers] == pytest.approx([1e-3, 1e-3])
    assert str(treatment.changes[0]).startswith("learning rate of D: 0.01 -> 0.001")
    treatment = Treatment(SafeLearningRates(rate=5e-4), first=1)
    run = fit(gan, callbacks=[treatment])
    assert [each.param_groups[0]["lr"] for each in run.optimizers] == pytest.approx([5e-4, 5e-4])


def test_rates_of_different_kinds_are_not_compared() -> None:
    gan = make(optimizer_d=lambda p: torch.optim.SGD(p, lr=0.1))
    with pytest.raises(ValueError, match=r"cannot compare the rates of Adam\w* and SGD: say which is safe"):
        fit(gan, callbacks=[Treatment(SafeLearningRates())])
    with pytest.raises(ValueError, match="would change nothing: D and G have"):
        fit(make(), callbacks=[Treatment(SafeLearningRates())])


@pytest.mark.parametrize("scheduler", ["none", "step", "lambda"])
def test_a_run_resumed_in_the_middle_is_the_same(scheduler: str, tmp_path: Any) -> None:
    def run(*callbacks: Any, **more: Any) -> torch.Tensor:
        gan = make(scheduler_d=SCHEDULERS[scheduler])
        treatment = Treatment(LearningRate("discriminator", factor=0.3), first=1, end=6)
        fit(gan, points(), callbacks=[treatment, *callbacks], max_epochs=2, **more)
        return weights(gan)

    straight, file = run(), tmp_path / "middle.ckpt"
    with pytest.raises(InterruptError):
        run(StopAfter(4, file))
    assert torch.equal(run(ckpt_path=file, seed=99), straight)


def test_what_it_suits_depends_on_whose_rate_goes_where() -> None:
    assert LearningRate("discriminator", 0.2).suits == LearningRate("generator", 5.0).suits
    assert "discriminator_dominates" in LearningRate("discriminator", 0.2).suits
    assert "generator_dominates" in LearningRate("generator", 0.2).suits


@pytest.mark.parametrize("arguments", [{"of": "both players"}, {"factor": 1.0}, {"factor": -1.0}, {"low": 0.0}])
def test_senseless_numbers_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        LearningRate(**arguments)
