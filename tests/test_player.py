"""How a player is updated: freezing, clipping, optimizers, schedulers, Lightning's dispatch."""

import pytest
import torch
from helpers import Batches, fit, make, points, weights
from lightning.pytorch import Callback
from torch import Tensor

from gan_lightning import GAN


class Listener(Callback):
    """Hooks into a backward, so that updates go through Lightning's dispatch."""

    def __init__(self) -> None:
        self.norms: list[Tensor] = []
        self.backwards = 0

    def on_after_backward(self, trainer, pl_module) -> None:
        self.backwards += 1

    def on_before_optimizer_step(self, trainer, pl_module, optimizer) -> None:
        gradients = [p.grad for g in optimizer.param_groups for p in g["params"]]
        self.norms.append(torch.linalg.vector_norm(torch.cat([g.flatten() for g in gradients])))


def test_the_direct_way_and_lightnings_dispatch_are_bit_equal() -> None:
    direct, dispatched, listener = make(clip_g=1e-3), make(clip_g=1e-3), Listener()
    run = fit(direct)
    observed = fit(dispatched, callbacks=[listener])
    assert direct._player_d._direct
    assert not dispatched._player_d._direct
    assert torch.equal(weights(direct), weights(dispatched))
    assert listener.backwards == 8
    assert run.global_step == observed.global_step == 4


def test_a_callback_sees_each_players_gradients() -> None:
    listener = Listener()
    fit(make(), points(batches=3), callbacks=[listener])
    assert len(listener.norms) == 6
    assert all(norm > 0 for norm in listener.norms)


def test_schedulers_count_iterations_or_epochs() -> None:
    def halve(optimizer):
        return torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)

    by_iteration, by_epoch = make(scheduler_d=halve), make(scheduler_g=halve, scheduler_interval="epoch")
    run = fit(by_iteration, max_epochs=2)
    assert [o.param_groups[0]["lr"] for o in run.optimizers] == [2e-4 / 2**8, 2e-4]
    run = fit(by_epoch, max_epochs=2)
    assert [o.param_groups[0]["lr"] for o in run.optimizers] == [2e-4, 2e-4 / 2**2]


def test_optimizers_are_known_by_what_they_update() -> None:
    class GeneratorFirst(GAN):
        def configure_optimizers(self):
            (optimizer_d, optimizer_g), schedulers = super().configure_optimizers()
            return [optimizer_g, optimizer_d], schedulers

    class NoDiscriminator(GAN):
        def configure_optimizers(self):
            return self.optimizer_g(self.generator.parameters())

    swapped, plain = make(GeneratorFirst), make()
    assert fit(swapped).global_step == fit(plain).global_step
    assert torch.equal(weights(swapped), weights(plain))
    with pytest.raises(ValueError, match="one optimizer for each of the two networks"):
        fit(make(NoDiscriminator))


def test_a_second_fit_has_its_own_optimizers_and_checks_its_own_data() -> None:
    gan = make()
    fit(gan)
    before = weights(gan)
    assert fit(gan, seed=3).global_step == 4
    assert gan.iteration == 8
    assert not torch.equal(before, weights(gan))
    with pytest.raises(ValueError, match="NaN"):
        fit(gan, Batches(torch.full((8, 2), float("nan"))))


def test_a_scheduler_that_waits_for_progress_is_refused() -> None:
    with pytest.raises(ValueError, match="a GAN's losses tell no progress"):
        fit(make(scheduler_g=torch.optim.lr_scheduler.ReduceLROnPlateau))


def test_a_frozen_parameter_stays_frozen() -> None:
    gan = make()
    gan.discriminator[0].weight.requires_grad = False
    before = gan.discriminator[0].weight.clone()
    fit(gan)
    assert not gan.discriminator[0].weight.requires_grad
    assert torch.equal(before, gan.discriminator[0].weight)


def test_a_backward_of_ones_own_is_used() -> None:
    class Own(GAN):
        backwards = 0

        def backward(self, loss, *args, **kwargs) -> None:
            type(self).backwards += 1
            super().backward(loss, *args, **kwargs)

    own, plain = make(Own), make()
    fit(own)
    fit(plain)
    assert Own.backwards == 8
    assert torch.equal(weights(own), weights(plain))


def test_a_player_that_cannot_move_is_refused() -> None:
    gan = make()
    gan.discriminator.requires_grad_(False)
    with pytest.raises(ValueError, match="no parameter of player 'd' takes a gradient"):
        fit(gan)


def test_neither_player_leaves_gradients_in_the_other() -> None:
    gan = make()
    seen = []

    class Look(Callback):
        def on_before_optimizer_step(self, trainer, pl_module, optimizer) -> None:
            other = pl_module.generator if optimizer is trainer.optimizers[0] else pl_module.discriminator
            seen.append([None if p.grad is None else p.grad.clone() for p in other.parameters()])

    fit(gan, points(batches=2), callbacks=[Look()])
    d_sees_g, g_sees_d, d_sees_g_again, _ = seen
    assert all(g is None for g in d_sees_g)
    assert all(g is not None for g in g_sees_d)  # of its own update, before it is forgotten
    assert all(g is not None for g in d_sees_g_again)


def test_a_forgotten_super_is_told() -> None:
    class Forgets(GAN):
        def on_train_start(self) -> None:
            pass

    with pytest.raises(RuntimeError, match=r"must call super\(\).on_train_start"):
        fit(make(Forgets))


def test_the_cached_players_do_not_enter_the_state_dict() -> None:
    gan = make()
    keys = list(gan.state_dict())
    fit(gan)
    assert list(gan.state_dict()) == keys
