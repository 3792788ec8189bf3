"""A gradient that overflows with 16-mixed: that step of that player is skipped, and nothing else is different."""

from typing import Any

import pytest
import torch
from helpers import fit, make, mlp, points, weights
from scaled import SCALE, in_precision, losing_a_step, plain_steps, scale_of
from torch import nn

from gan_lightning import ADA, GAN, R1, AdaptiveBalance, GapAwareLearningRate, GeneratorEMA, LeCam
from gan_lightning.losses import LeastSquares

ITERATIONS, AT = 8, 3
CASES: dict[str, tuple[tuple[type[GAN], ...], dict[str, Any]]] = {
    "plain": ((GAN,), {}),
    "two discriminator updates": ((GAN,), {"d_steps": 2}),
    "micro-batches": ((GAN,), {"micro_batches_d": 2, "micro_batches_g": 2}),
    "clipped, with a penalty": ((R1,), {"r1_gamma": 0.5, "clip_d": 0.2, "clip_g": 0.2}),
    "running means": ((LeCam, ADA), {"lecam_weight": 0.1}),
}


def trained(parts: tuple[type[GAN], ...], player: str, precision: str, **arguments: Any) -> tuple[Any, Any]:
    made = make(losing_a_step(parts, player, AT), optimizer_d=plain_steps, optimizer_g=plain_steps, **arguments)
    return made, fit(made, points(batches=ITERATIONS), **in_precision(precision))


@pytest.mark.parametrize("player", ["d", "g"])
@pytest.mark.parametrize("case", CASES)
def test_one_step_of_one_player_is_skipped(case: str, player: str) -> None:
    """Against float32, where the same step is made with a gradient of zero."""
    parts, arguments = CASES[case]
    gan, run = trained(parts, player, "16-mixed", **arguments)
    exact, _ = trained(parts, player, "32-true", **arguments)
    mine, other = (0, 1) if player == "d" else (1, 0)
    before, after = gan.history[AT - 1], gan.history[AT]
    assert torch.equal(before[mine], after[mine])
    assert not torch.equal(before[other], after[other])
    assert scale_of(run) == SCALE / 2
    assert (gan.iteration, run.global_step) == (ITERATIONS, ITERATIONS // gan.d_steps)
    assert not torch.equal(gan.history[-2][mine], gan.history[AT][mine])
    assert torch.isfinite(weights(gan)).all()
    for got, expected in zip(gan.history, exact.history, strict=True):
        torch.testing.assert_close(got, expected, rtol=0, atol=2e-3)
    assert len(gan.gradients["g"]) == len(exact.gradients["g"])
    for got, expected in zip(gan.gradients["gd"[mine]], exact.gradients["gd"[mine]], strict=True):
        assert float((got - expected).norm()) < 0.1 * float(expected.norm())  # a ReLU may switch by rounding


def test_the_optimizer_does_not_count_a_step_that_was_skipped() -> None:
    gan = make(losing_a_step((GAN,), "d", AT))
    run = fit(gan, points(batches=ITERATIONS), **in_precision("16-mixed"))
    steps = [{float(state["step"]) for state in optimizer.state.values()} for optimizer in run.optimizers]
    assert steps == [{ITERATIONS - 1.0}, {float(ITERATIONS)}]


@pytest.mark.parametrize("at", [0, AT])
def test_schedulers_go_on_over_a_skipped_step(at: int) -> None:
    """At the very first step, too, where a loss scale that is still too large overflows."""
    gan = make(
        losing_a_step((GAN,), "d", at),
        scheduler_d=lambda optimizer: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5),
    )
    run = fit(gan, points(batches=ITERATIONS), **in_precision("16-mixed"))
    assert run.optimizers[0].param_groups[0]["lr"] == pytest.approx(2e-4 * 0.5**ITERATIONS)


def test_the_average_of_the_generator_takes_a_skipped_update_for_time_that_passed() -> None:
    gan = make(losing_a_step((GAN,), "g", AT), optimizer_d=plain_steps, optimizer_g=plain_steps)
    start = weights(gan.generator).double()
    ema = GeneratorEMA(half_life_kimg=0.016, ramp_up=None)
    fit(gan, points(batches=ITERATIONS), callbacks=[ema], **in_precision("16-mixed"))
    average, beta, passed = start, 0.5 ** (8 / 16), 0
    for iteration, (_, generator) in enumerate(gan.history):
        passed += 1
        if iteration != AT:
            average, passed = average.lerp(generator.double(), 1 - beta**passed), 0
    torch.testing.assert_close(weights(ema.average_model()).double(), average, rtol=0, atol=1e-6)


class Loud(nn.Module):
    """A discriminator whose logits overflow float16 in one of its calls."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.net, self.at, self.calls = mlp(2, 1), at, 0

    def forward(self, x):
        logits = self.net(x)
        if not (self.training and torch.is_grad_enabled()):
            return logits
        self.calls += 1
        return logits * (1e6 if self.calls == self.at else 1.0)


@pytest.mark.parametrize(
    ("cls", "arguments", "buffers"),
    [
        (LeCam, {"lecam_weight": 0.1}, ["lecam_means"]),
        (ADA, {}, ["ada_rise", "ada_signs"]),
        (AdaptiveBalance, {}, ["balance_means"]),
        (GapAwareLearningRate, {"loss": LeastSquares()}, ["gap_loss"]),
    ],
)
def test_logits_that_overflow_poison_no_running_mean(cls: type[GAN], arguments: Any, buffers: list[str]) -> None:
    gan = make(cls, discriminator=Loud(at=5), joint_pass=False, **arguments)
    run = fit(gan, points(batches=ITERATIONS), **in_precision("16-mixed"))
    assert scale_of(run) == SCALE / 2
    assert torch.isfinite(weights(gan)).all()
    for name in buffers:
        value = getattr(gan, name)
        assert torch.isfinite(value).all()
        assert float(value.abs().max()) < 1e3
