"""bf16-mixed and 16-mixed with Lightning's own scaler: float32 penalties, true gradients, steps that are skipped."""

from typing import Any

import pytest
import torch
from helpers import Batches, fit, make, points, weights
from scaled import SCALE, in_precision, losing_a_step, plain_steps, scale_of
from torch import Tensor

from gan_lightning import GAN, R1

pytestmark = pytest.mark.gpu

MIXED = ("bf16-mixed", "16-mixed")


class OnlyR1(R1):
    """Minimises the penalty alone, and keeps its gradient."""

    def on_train_start(self) -> None:
        super().on_train_start()
        self.slopes: list[Tensor] = []

    def d_terms(self, step):
        terms = super().d_terms(step)
        return terms.replace("adv", 0 * terms["adv"])

    def on_before_optimizer_step(self, optimizer) -> None:
        super().on_before_optimizer_step(optimizer)
        if self._player_d.owns(optimizer):
            self.slopes.append(self.discriminator[0].weight.grad.double().cpu().clone())


@pytest.mark.parametrize("precision", MIXED)
def test_a_penalty_has_float32_gradients(precision: str) -> None:
    def slope(precision: str, dtype: torch.dtype) -> Tensor:
        gan = make(OnlyR1, r1_gamma=1.0)
        fit(gan, Batches(*(x.to(dtype) for x in points(batches=1))), accelerator="cuda", precision=precision)
        return gan.slopes[0]

    mixed, exact = slope(precision, torch.float32), slope("64-true", torch.float64)
    torch.testing.assert_close(mixed, exact, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("precision", MIXED)
def test_it_trains_near_float32(precision: str) -> None:
    def trained(precision: str) -> Tensor:
        gan = make(optimizer_d=plain_steps, optimizer_g=plain_steps)
        fit(gan, accelerator="cuda", **in_precision(precision, device="cuda"))
        return weights(gan).cpu()

    torch.testing.assert_close(trained(precision), trained("32-true"), rtol=0, atol=2e-2)


@pytest.mark.parametrize("precision", ["32-true", *MIXED])
def test_the_true_gradient_is_clipped(precision: str) -> None:
    norms: list[float] = []

    class Watched(GAN):
        def configure_optimizers(self) -> Any:
            made = super().configure_optimizers()
            for optimizer in made[0]:
                optimizer.register_step_post_hook(self.look)
            return made

        def look(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
            norms.append(float(torch.nn.utils.get_total_norm([p.grad for p in optimizer.param_groups[0]["params"]])))

    fit(make(Watched, clip_d=0.01, clip_g=0.01), accelerator="cuda", precision=precision)
    assert len(norms) == 8
    assert norms == pytest.approx([0.01] * 8, rel=1e-3)


@pytest.mark.parametrize("player", ["d", "g"])
def test_an_overflow_skips_one_step_of_one_player(player: str) -> None:
    gan = make(losing_a_step((GAN,), player, at=3), optimizer_d=plain_steps, optimizer_g=plain_steps)
    run = fit(gan, points(batches=8), accelerator="cuda", **in_precision("16-mixed", device="cuda"))
    mine, other = (0, 1) if player == "d" else (1, 0)
    before, after = gan.history[2], gan.history[3]
    assert torch.equal(before[mine], after[mine])
    assert not torch.equal(before[other], after[other])
    assert not torch.equal(gan.history[-1][mine], after[mine])
    assert scale_of(run) == SCALE / 2
    assert (gan.iteration, run.global_step) == (8, 8)
