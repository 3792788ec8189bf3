"""What is measured and logged does not depend on the scale of the loss; what 16-bit weights cannot do is refused."""

import pytest
import torch
from foreign_probe import Recorder
from helpers import Batches, fit, make, points
from scaled import in_precision, losing_a_step, plain_steps
from watched import EVERY

from gan_lightning import R1, HealthMonitor
from gan_lightning.probe import StepRecord

SEEN = ("d_loss", "g_loss", "d_gradient", "g_gradient", "signal")


def records(precision: str, scale: float = 1024.0) -> list[StepRecord]:
    """Record each batch, as a health monitor does; in the third, a step of the discriminator is lost."""
    recorder = Recorder()
    gan = make(losing_a_step((R1,), "d", at=2), r1_gamma=0.5, optimizer_d=plain_steps, optimizer_g=plain_steps)
    fit(gan, points(), callbacks=[recorder], **in_precision(precision, scale))
    return recorder.records


@pytest.mark.parametrize("scale", [1.0, 2.0**14])
def test_losses_gradients_and_signals_are_in_true_units(scale: float) -> None:
    """In each batch, also after an overflow has halved the scale between the players' updates."""
    for number, (got, exact) in enumerate(zip(records("16-mixed", scale), records("32-true"), strict=True)):
        for name in SEEN:
            if (number, name) == (2, "d_gradient"):  # the one that overflows
                assert not torch.isfinite(got.d_gradient)
                continue
            torch.testing.assert_close(getattr(got, name).float(), getattr(exact, name), rtol=0.1, atol=1e-3)


def test_what_the_monitor_judges_is_in_true_units() -> None:
    def measured(precision: str) -> list[float]:
        monitor = HealthMonitor(every=EVERY, samples=64)
        fit(make(), points(256, 3 * EVERY), callbacks=[monitor], **in_precision(precision))
        return [monitor._judge.history.now(name) for name in ("d/loss_size", "g/loss_size", "g/signal")]

    exact = measured("32-true")
    assert all(value > 0 for value in exact)
    assert measured("16-mixed") == pytest.approx(exact, rel=0.1)


def test_float16_weights_are_refused() -> None:
    with pytest.raises(ValueError, match=r"keeps Adam's squared gradients in float16.*use '16-mixed'"):
        fit(make(), Batches(*(x.half() for x in points())), precision="16-true")


def test_the_gradient_of_a_penalty_on_bfloat16_weights_is_right_to_a_hundredth() -> None:
    """What bf16-true promises: no float32 island, for there are no float32 weights."""
    seen = []

    class Only(R1):
        def d_terms(self, step):
            terms = super().d_terms(step)
            terms.replace("adv", 0 * terms["adv"])
            return terms

        def on_before_optimizer_step(self, optimizer):
            super().on_before_optimizer_step(optimizer)
            seen.append(self.discriminator[0].weight.grad.double().clone())

    for precision, dtype in (("bf16-true", torch.bfloat16), ("32-true", torch.float32)):
        fit(make(Only, r1_gamma=1.0), Batches(*(x.to(dtype) for x in points(n=64, batches=1))), precision=precision)
    rounded, exact = seen[0], seen[2]
    assert 0 < float((rounded - exact).norm()) < 0.03 * float(exact.norm())
