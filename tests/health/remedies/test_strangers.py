"""Remedies on the modules of strangers that are hard to watch."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foreign.on_images import Augmented
from foreign.on_points import RawLoop
from foreign.stranger import LATENT, bce
from helpers import Batches, InterruptError, fit, weights
from treated_runs import Planted, StopsAt

from gan_lightning.health import HealthMonitor
from gan_lightning.health.remedies import ClipAtUsualNorm, Remedy, ZeroCenteredPenalties
from gan_lightning.health.remedies.ladder import Ladder

COUNT, GAMMA = 20, 2.0


def treated(cls: type, remedy: Remedy | None, *callbacks: Any, **arguments: Any) -> Any:
    """Train a module that is found to fail after ten batches; return it."""
    torch.manual_seed(1)
    module = cls()
    ladder = None if remedy is None else Ladder({"mode_collapse": [remedy]})
    watch = HealthMonitor([Planted("mode_collapse", (10, 10))], every=10, samples=64, remedies=ladder)
    data = cls.batches(n=256, count=COUNT)
    fit(module, Batches(*data), callbacks=[watch, *callbacks], precision="64-true", **arguments)
    return module


def slope_penalty(judge: Any, x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(judge(x).sum(), x, create_graph=True)
    return GAMMA / 2 * gradient.square().sum(1).mean()


class Penalised(RawLoop):
    """RawLoop, with both penalties in its loss from the eleventh batch on."""

    def training_step(self, batch, batch_idx):
        imgs, _ = batch
        g_opt, d_opt = self.optimizers(use_pl_optimizer=False)
        for _ in range(2):
            fake = self.G(torch.randn(len(imgs), LATENT, dtype=imgs.dtype))
            d_opt.zero_grad()
            loss = (bce(self.D(imgs).view(-1), 1.0) + bce(self.D(fake.detach()).view(-1), 0.0)) / 2
            if batch_idx >= 10:
                loss = loss + sum(slope_penalty(self.D, x) for x in (imgs, fake.detach()))
            loss.backward(retain_graph=True)
            d_opt.step()
        g_opt.zero_grad()
        bce(self.D(fake).view(-1), 1.0).backward()
        g_opt.step()


def test_steps_behind_lightnings_back_are_treated_too() -> None:
    def end(cls: type, remedy: Remedy | None) -> torch.Tensor:
        return weights(treated(cls, remedy))

    penalised = end(RawLoop, ZeroCenteredPenalties(gamma=GAMMA))
    torch.testing.assert_close(penalised, end(Penalised, None), rtol=0, atol=1e-10)
    left_alone = end(RawLoop, None)
    assert not torch.allclose(penalised, left_alone, atol=1e-4)
    assert not torch.equal(end(RawLoop, ClipAtUsualNorm(times=1.0)), left_alone)


@pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before")
def test_how_a_strangers_samples_are_followed_is_not_forgotten(tmp_path: Path) -> None:
    """Augmented is traced, and the first update after a resume is to be penalised as any other."""
    with pytest.raises(InterruptError):
        treated(Augmented, ZeroCenteredPenalties(gamma=GAMMA), StopsAt(15, tmp_path / "x.ckpt"))
    resumed = treated(Augmented, ZeroCenteredPenalties(gamma=GAMMA), ckpt_path=tmp_path / "x.ckpt", max_epochs=2)
    assert weights(resumed).isfinite().all()
