"""Noise, dropout, clipping, another loss, the end: each while it is active, and not a trace of it afterwards."""

from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, Official, batches_for, players
from helpers import Batches, InterruptError, StopAfter, fit, make, points, weights
from lightning.pytorch import Callback
from torch import nn
from treatment import Treatment

from gan_lightning import GAN, LabelFlipping, TopK
from gan_lightning.health.remedies import (
    ClipAtUsualNorm,
    DropoutInDiscriminator,
    NoisySamples,
    RelativisticPairing,
    Remedy,
    Stop,
)
from gan_lightning.losses import NonSaturating, RelativisticPaired

LEVERS = {
    "noise": lambda: NoisySamples(share=0.5, rise=2, hold=3, fall=2),
    "dropout": lambda: DropoutInDiscriminator(p=0.5),
    "clip": lambda: ClipAtUsualNorm(times=1.0),
    "pairing": RelativisticPairing,
}


def trained(gan: Any, *callbacks: Any, data: Any = None, **arguments: Any) -> torch.Tensor:
    fit(gan, points() if data is None else data, callbacks=list(callbacks), max_epochs=2, **arguments)
    return weights(gan)


@pytest.mark.parametrize("lever", LEVERS)
def test_it_acts_while_it_is_active_and_leaves_no_trace(lever: str) -> None:
    gan = make()
    assert not torch.equal(trained(gan, Treatment(LEVERS[lever](), first=2, end=5)), trained(make()))
    hooks = [len(part._forward_hooks) + len(part._forward_pre_hooks) for part in gan.discriminator.modules()]
    assert (sum(hooks), type(gan.loss)) == (0, NonSaturating)
    assert torch.equal(trained(make(), Treatment(LEVERS[lever](), first=2, end=2)), trained(make()))


@pytest.mark.filterwarnings("ignore:this checkpoint was trained with the loss RelativisticPaired")
@pytest.mark.parametrize("lever", LEVERS)
def test_a_run_resumed_in_the_middle_is_the_same(lever: str, tmp_path: Any) -> None:
    def run(*callbacks: Any, **more: Any) -> torch.Tensor:
        return trained(make(), Treatment(LEVERS[lever](), first=1, end=6), *callbacks, **more)

    straight, file = run(), tmp_path / "middle.ckpt"
    with pytest.raises(InterruptError):
        run(StopAfter(4, file))
    assert torch.equal(run(ckpt_path=file, seed=99), straight)


@pytest.mark.parametrize("cls", FOREIGN)
@pytest.mark.parametrize("lever", ["noise", "dropout", "clip"])
def test_on_foreign_modules_too(cls: type, lever: str) -> None:
    def run(*callbacks: Any) -> torch.Tensor:
        torch.manual_seed(1)
        return trained(cls(), *callbacks, data=Batches(*batches_for(cls)))

    assert not torch.equal(run(Treatment(LEVERS[lever]())), run())


class SeenSamples(Callback):
    """How far what D's first layer sees of the real samples is from them, by iteration."""

    def __init__(self) -> None:
        self.deviations: list[float] = []

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        def look(layer: nn.Module, args: Any) -> None:
            self.deviations.append(float((args[0][: len(batch)] - batch).std()))
            handle.remove()

        handle = players(pl_module)[0][0].register_forward_pre_hook(look)


class DFirst(Official):
    """Judges the real samples first."""

    def training_step(self, batch, batch_idx):
        optimizer_d = self.optimizers()[1]
        fake = self(self.latents(batch)).detach()
        self.manual_backward(self.discriminator(fake).mean() * 0 - self.discriminator(batch).mean())
        optimizer_d.step()
        optimizer_d.zero_grad()


def test_noise_comes_and_goes_and_is_measured_by_the_data() -> None:
    class RealOnly(DFirst):
        def training_step(self, batch, batch_idx):
            optimizer_d = self.optimizers()[1]
            self.manual_backward(-self.discriminator(batch).mean())
            optimizer_d.step()
            optimizer_d.zero_grad()

    seen, noise = SeenSamples(), NoisySamples(share=0.5, rise=2, hold=1, fall=2)
    treatment = Treatment(noise, spread=8.0)  # a deviation of 2 in each of the two
    fit(RealOnly(), Batches(*torch.randn(7, 4096, 2)), callbacks=[treatment, seen])
    assert seen.deviations == pytest.approx([0.0, 0.5, 1.0, 1.0, 0.5, 0.0, 0.0], abs=0.05)
    assert treatment.changes[0].after == "up to 1 in 2 iterations, 0 after 5"


def test_dropout_layers_that_are_there_are_used_and_put_back() -> None:
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 1))
    gan, treatment = make(discriminator=discriminator), Treatment(DropoutInDiscriminator(0.6), first=1)
    fit(gan, callbacks=[treatment])
    assert (treatment.changes[0].before, treatment.changes[0].after) == ("0.1", "0.6")
    assert discriminator[2].p == 0.1  # let go at the end of the fit
    assert not any(part._forward_hooks for part in discriminator)


class Norms(Callback):
    """Norms of D's gradients as they come to the optimizer."""

    def __init__(self) -> None:
        self.norms: list[float] = []

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        if optimizer is trainer.optimizers[0]:
            gradients = [p.grad for p in pl_module.discriminator.parameters()]
            self.norms.append(float(nn.utils.get_total_norm(gradients)))


def test_clipping_keeps_to_the_usual_norm_and_drops_what_is_not_finite() -> None:
    class Jumps(GAN):
        def d_terms(self, step):
            terms = super().d_terms(step)
            factor = {3: 100.0, 5: float("nan")}.get(self.iteration, 1.0)
            return terms.add("jump", (factor - 1) * terms["adv"])

    plain, clipped, gan = Norms(), Norms(), make(Jumps)
    with torch.no_grad():
        fit(make(Jumps), points(batches=5), callbacks=[plain])
    fit(gan, points(batches=8), callbacks=[Treatment(ClipAtUsualNorm(times=2.0)), clipped])
    assert plain.norms[3] > 10 * plain.norms[0]
    assert clipped.norms[0] == plain.norms[0]
    assert clipped.norms[3] < 3 * clipped.norms[0]
    assert clipped.norms[5] == 0
    assert weights(gan).isfinite().all()


def test_stop_stops() -> None:
    treatment, gan = Treatment(Stop("no use"), first=2), make()
    fit(gan, points(batches=8), callbacks=[treatment])
    assert gan.iteration == 3
    assert str(treatment.changes[0]) == "training: running -> stops at iteration 2 (no use)"


@pytest.mark.parametrize(
    ("remedy", "module", "message"),
    [
        (RelativisticPairing(), Official, "that of Official is in its own training_step"),
        (RelativisticPairing(), lambda: make(loss=RelativisticPaired()), "is RelativisticPaired already"),
        (RelativisticPairing(), lambda: make(TopK), r"switch off topk_share=0\.5"),
        (RelativisticPairing(), lambda: make(LabelFlipping), "switch off flip_share"),
        (DropoutInDiscriminator(), lambda: make(discriminator=nn.Linear(2, 1)), "neither a dropout nor an activation"),
        (NoisySamples(), lambda: make(compile=True), "compile=False"),
    ],
)
def test_what_the_module_lacks_is_an_error_at_fit_start(remedy: Remedy, module: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(module(), callbacks=[Treatment(remedy)])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: NoisySamples(share=0.0),
        lambda: NoisySamples(fall=0),
        lambda: DropoutInDiscriminator(1.0),
        lambda: ClipAtUsualNorm(0.5),
    ],
)
def test_senseless_numbers_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        wrong()
