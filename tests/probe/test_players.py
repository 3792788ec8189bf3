"""Whose networks and optimizers are whose, and one clear error where that cannot be told."""

import pytest
import torch
from foreign.on_points import Conditional
from foreign.stranger import LATENT, Stranger, bce, hinge, latents, layers
from foreign_modules import RawBackward, batches_for
from foreign_probe import Recorder, made, watched
from helpers import Batches, fit
from lightning.pytorch import LightningModule
from torch import nn


class Any2D(Stranger):
    """Networks of any names; one optimizer for each group of them."""

    def __init__(self, groups: list[list[str]], **networks: nn.Module) -> None:
        super().__init__()
        self.groups = groups
        for name, network in networks.items():
            setattr(self, name, network)

    def training_step(self, batch, batch_idx):
        for optimizer in self.optimizers():
            optimizer.step()

    def configure_optimizers(self):
        return [self.adam(0.0, *(self.get_submodule(name) for name in group)) for group in self.groups]


def net() -> nn.Module:
    return nn.Linear(2, 2)


def probe_of(module: LightningModule, **players: str):
    recorder = Recorder(**players)
    fit(module, Batches(torch.zeros(4, 2)), callbacks=[recorder])
    return recorder.probe


def test_several_discriminators_are_all_meant() -> None:
    module = Any2D([["generator"], ["mpd_disc", "msd_disc"]], generator=net(), mpd_disc=net(), msd_disc=net())
    assert probe_of(module).discriminators == (module.mpd_disc, module.msd_disc)
    named = probe_of(module, discriminator="msd_disc, mpd_disc")
    assert named.discriminators == (module.msd_disc, module.mpd_disc)


def test_all_that_an_optimizer_trains_belongs_to_its_player() -> None:
    module = Any2D([["encoder", "decoder", "quant"], ["disc"]], encoder=net(), decoder=net(), quant=net(), disc=net())
    probe = probe_of(module)
    assert probe.generators[0] is module.decoder
    assert set(probe.generators) == {module.encoder, module.decoder, module.quant}
    assert [len(probe.optimizers[role]) for role in ("generator", "discriminator")] == [1, 1]


def test_a_network_without_a_telling_name_is_known_by_its_optimizer() -> None:
    module = Any2D([["disc"], ["unet"]], unet=net(), disc=net(), perceptual=net().requires_grad_(False))
    assert probe_of(module).generators == (module.unet,)


def test_untrained_copies_are_nobody() -> None:
    module = Any2D([["disc"], ["gen"]], gen=net(), generator=net().requires_grad_(False), disc=net())
    assert probe_of(module).generators == (module.gen,)


CASES = {
    r"no network with the name of a discriminator; it has backbone, head; say which with discriminator=": (
        {"groups": [["backbone", "head"]], "names": ("backbone", "head")}
    ),
    r"no network with the name of a generator; it has disc, a, b; say which with generator=": (
        {"groups": [["disc"], ["a", "b"]], "names": ("disc", "a", "b")}
    ),
    r"several .* its discriminator: critic, disc; .* discriminator='critic'": (
        {"groups": [["gen"], ["critic"], ["disc"]], "names": ("critic", "disc", "gen")}
    ),
    r"several .* its generator: G_A, G_B; say which with generator='G_A'.*CycleGAN, name both": (
        {"groups": [["G_A", "G_B"], ["D_A", "D_B"]], "names": ("G_A", "G_B", "D_A", "D_B")}
    ),
    r"one optimizer updates both players, the discriminator disc and gen": (
        {"groups": [["gen", "disc"]], "names": ("gen", "disc")}
    ),
}


@pytest.mark.parametrize("message", CASES)
def test_what_cannot_be_told_is_asked_for_at_the_start(message: str) -> None:
    case = CASES[message]
    with pytest.raises(ValueError, match=message):
        probe_of(Any2D(case["groups"], **{name: net() for name in case["names"]}))


def test_one_game_of_two_can_be_named() -> None:
    module = Any2D([["G_A", "G_B"], ["D_A", "D_B"]], G_A=net(), G_B=net(), D_A=net(), D_B=net())
    probe = probe_of(module, generator="G_A", discriminator="D_B")
    assert probe.generators[0] is module.G_A
    assert probe.discriminators[0] is module.D_B


class Bypassed(RawBackward):
    """Runs its discriminator's layers one by one."""

    def __init__(self) -> None:
        super().__init__()
        layer_by_layer = self.netD

        class Hidden(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body = layer_by_layer

            def score(self, x):
                return self.body(x)

        self.netD = Hidden()

    def training_step(self, batch, batch_idx):
        real, _ = batch
        opt_d, opt_g = self.optimizers()
        fake = self.netG(torch.randn(len(real), 4))
        self.manual_backward(hinge(self.netD.score(real), self.netD.score(fake.detach())))
        opt_d.step()
        self.manual_backward(bce(self.netD.score(fake), 1.0))
        opt_g.step()


def test_a_discriminator_that_is_never_called_is_asked_for() -> None:
    batches = batches_for(Bypassed)
    with pytest.raises(RuntimeError, match=r"netD was updated in 5 .* discriminator='path.* within it .* netD\.body"):
        watched(Bypassed(), batches)
    recorder = watched(Bypassed(), batches, discriminator="netD.body")
    assert recorder.kinds(0) == ["real", "fake", "fake"]


class Listed(Stranger):
    def __init__(self) -> None:
        super().__init__()
        self.generator, self.discriminators = layers(LATENT, 2), nn.ModuleList([layers(2, 1), layers(2, 1)])

    def training_step(self, batch, batch_idx):
        opt_d, opt_g = self.optimizers()
        fake = self.generator(latents(batch))
        for network in self.discriminators:
            self.manual_backward(hinge(network(batch), network(fake.detach())))
        opt_d.step()
        self.manual_backward(sum(-network(fake).mean() for network in self.discriminators))
        opt_g.step()

    def configure_optimizers(self):
        return self.adam(1e-3, self.discriminators), self.adam(1e-3, self.generator)


def test_the_networks_of_a_list_judge_together() -> None:
    module = made(Listed)
    recorder = watched(module, Listed.batches(), discriminator="discriminators")
    assert recorder.kinds(0) == ["real", "fake", "fake"]
    judgement = recorder.records[-1].judged("fake")
    x = judgement.samples
    expected = torch.stack([network(x).squeeze(1) for network in module.discriminators]).mean(0)
    torch.testing.assert_close(judgement.judge(x), expected)


def test_two_backward_passes_before_two_steps_keep_their_losses() -> None:
    records = watched(made(Conditional), Conditional.batches()).records
    for record in records:
        assert record.d_loss > 0.5
        assert record.g_loss.abs() < 0.5
