"""ClipGradients and ClipWeights: what each player's update sees, and what it leaves."""

from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, Official, RawBackward, batches_for, players
from helpers import Batches, fit, weights
from torch import nn

from gan_lightning import AddR1, ClipGradients, ClipWeights


def trained(module: Any, *callbacks: Any, **arguments: Any) -> Any:
    fit(module, Batches(*batches_for(type(module))), callbacks=list(callbacks), **arguments)
    return module


def fresh(cls: type) -> Any:
    torch.manual_seed(1)
    return cls()


def norms_at_steps(cls: type, *callbacks: Any, **arguments: Any) -> dict[str, list[float]]:
    """Gradient norms of both players as their optimizers have just used them."""
    norms: dict[str, list[float]] = {"d": [], "g": []}

    class Watched(cls):
        def configure_optimizers(self):
            made = super().configure_optimizers()
            for optimizer in made[0] if isinstance(made[0], list) else made:
                optimizer.register_step_post_hook(self.look)
            return made

        def look(self, optimizer, args, kwargs):
            for name, network in zip("dg", players(self), strict=True):
                params = list(network.parameters())
                if optimizer.param_groups[0]["params"][0] is params[0]:
                    norms[name].append(float(nn.utils.get_total_norm([p.grad for p in params if p.grad is not None])))

    trained(fresh(Watched), *callbacks, **arguments)
    return norms


@pytest.mark.parametrize("cls", [Official, RawBackward])
def test_each_player_has_its_own_norm(cls: type) -> None:
    free = norms_at_steps(cls)
    clipped = norms_at_steps(cls, ClipGradients(max_norm_d=0.05, max_norm_g=0.01))
    assert min(free["d"]) > 0.05
    assert min(free["g"]) > 0.01
    assert clipped["d"] == pytest.approx([0.05] * 6, rel=1e-3)
    assert clipped["g"] == pytest.approx([0.01] * 6, rel=1e-3)
    only_d = norms_at_steps(cls, ClipGradients(max_norm_d=0.05))
    assert only_d["d"] == pytest.approx([0.05] * 6, rel=1e-3)
    assert min(only_d["g"]) > 0.01


@pytest.mark.parametrize("cls", FOREIGN)
def test_below_the_norm_nothing_changes(cls: type) -> None:
    clipped = trained(fresh(cls), ClipGradients(max_norm_d=1e6, max_norm_g=1e6))
    assert torch.equal(weights(clipped), weights(trained(fresh(cls))))


def test_with_scaled_16_bit_gradients_the_true_ones_are_clipped() -> None:
    from lightning.pytorch.plugins.precision import MixedPrecision

    plugin = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=1024.0))
    norms = norms_at_steps(Official, ClipGradients(max_norm_d=0.05), plugins=[plugin])
    assert norms["d"] == pytest.approx([0.05] * 6, rel=1e-2)


def test_what_a_callback_before_it_added_is_clipped_too() -> None:
    norms = norms_at_steps(Official, AddR1(gamma=100.0), ClipGradients(max_norm_d=0.05))
    assert norms["d"] == pytest.approx([0.05] * 6, rel=1e-3)
    with pytest.raises(ValueError, match="would not clip what AddR1 adds later: list it after AddR1"):
        norms_at_steps(Official, ClipGradients(max_norm_d=0.05), AddR1(gamma=100.0))


def test_one_optimizer_for_both_is_refused() -> None:
    class Joint(Official):
        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=1.0)

    with pytest.raises(ValueError, match="one optimizer updates both"):
        trained(fresh(Joint), ClipGradients(max_norm_d=1.0, max_norm_g=1.0))
    for norms in ((None, None), (0.0, None), (1.0, -1.0)):
        with pytest.raises(ValueError, match="expected max_norm_d or max_norm_g above 0"):
            ClipGradients(*norms)


def test_a_critic_that_is_frozen_at_first_is_clamped_when_it_trains() -> None:
    class Late(Official):
        def __init__(self) -> None:
            super().__init__()
            self.discriminator.requires_grad_(False)

        def training_step(self, batch, batch_idx):
            optimizer_d = self.optimizers()[1]
            self.discriminator[2].requires_grad_(batch_idx > 2)
            if batch_idx > 2:
                self.manual_backward(self.discriminator(batch).mean())
            optimizer_d.step()

    module = fresh(Late)
    before = weights(module.discriminator[0])
    trained(module, ClipWeights(limit=0.1))
    assert torch.equal(weights(module.discriminator[0]), before)
    assert float(before.abs().max()) > 0.1
    assert float(weights(module.discriminator[2]).abs().max()) == pytest.approx(0.1)


@pytest.mark.parametrize("cls", FOREIGN)
def test_weights_are_clamped_after_each_update_of_the_discriminator(cls: type) -> None:
    """The same module that clamps by itself, as in algorithm 1 of WGAN."""

    class ByHand(cls):
        def configure_optimizers(self):
            made = super().configure_optimizers()
            judge, _ = players(self)
            for optimizer in made[0] if isinstance(made[0], list) else made:
                if optimizer.param_groups[0]["params"][0] is next(judge.parameters()):
                    optimizer.register_step_post_hook(lambda *_: [p.data.clamp_(-0.1, 0.1) for p in judge.parameters()])
            return made

    clipped, by_hand = trained(fresh(cls), ClipWeights(limit=0.1)), trained(fresh(ByHand))
    assert torch.equal(weights(clipped), weights(by_hand))
    judge, generator = players(clipped)
    assert float(weights(judge).abs().max()) == pytest.approx(0.1)
    assert float(weights(generator).abs().max()) > 0.1


def test_hooks_on_the_optimizer_are_gone_afterwards() -> None:
    run = fit(fresh(Official), Batches(*batches_for(Official)), callbacks=[ClipWeights(), ClipGradients(1.0)])
    assert not any(optimizer._optimizer_step_post_hooks for optimizer in run.optimizers)
    with pytest.raises(ValueError, match="expected limit > 0"):
        ClipWeights(limit=0.0)
    with pytest.raises(ValueError, match="expected limit > 0"):
        ClipWeights(limit=float("nan"))
