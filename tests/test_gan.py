"""The spine, against loops written by hand."""

from copy import deepcopy

import pytest
import torch
from helpers import LATENT, Batches, Labelled, fit, make, mlp, points, weights
from lightning.pytorch import Callback
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lightning import GAN, AdamGAN
from gan_lightning.losses import Hinge, RelativisticPaired
from gan_lightning.networks import MLPDiscriminator


def by_hand(batches: Batches, *, d_steps: int = 1, g_steps: int = 1, clip_d: float | None = None, lr: float = 2e-4):
    """Algorithm 1 of Goodfellow et al. 2014 with the non-saturating loss; one fake batch per iteration."""
    torch.manual_seed(1)
    generator, discriminator = mlp(LATENT, 2), mlp(2, 1)
    optimizer_d = AdamGAN(discriminator.parameters(), lr=lr)
    optimizer_g = AdamGAN(generator.parameters(), lr=lr)
    torch.manual_seed(2)
    for i, real in enumerate(batches):
        fake = generator(torch.randn(len(real), LATENT))
        optimizer_d.zero_grad()
        (softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()).backward()
        if clip_d is not None:
            nn.utils.clip_grad_norm_(discriminator.parameters(), clip_d)
        optimizer_d.step()
        if (i + 1) % d_steps:
            continue
        for k in range(g_steps):
            fake = fake if k == 0 else generator(torch.randn(len(real), LATENT))
            optimizer_g.zero_grad()
            softplus(-discriminator(fake)).mean().backward()
            optimizer_g.step()
    return torch.cat([weights(generator), weights(discriminator)])


@pytest.mark.parametrize(
    "arguments", [{}, {"d_steps": 2}, {"g_steps": 2}, {"d_steps": 2, "g_steps": 3}, {"clip_d": 1e-3}]
)
def test_training_is_the_loop_of_the_paper(arguments: dict) -> None:
    gan = make(joint_pass=False, **arguments)
    fit(gan, points(batches=6))
    torch.testing.assert_close(weights(gan), by_hand(points(batches=6), **arguments), rtol=0, atol=1e-7)


def test_one_pass_of_the_discriminator_gives_the_same() -> None:
    apart, joint = make(joint_pass=False), make(joint_pass=True)
    fit(apart)
    fit(joint)
    torch.testing.assert_close(weights(apart), weights(joint), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("d_steps", "g_steps", "expected"), [(1, 1, 12), (3, 1, 4), (1, 2, 24), (5, 1, 2)])
def test_the_clock_counts_the_generators_updates(d_steps: int, g_steps: int, expected: int) -> None:
    gan = make(d_steps=d_steps, g_steps=g_steps)
    run = fit(gan, points(batches=12))
    assert run.global_step == expected
    assert gan.iteration == 12


def test_max_steps_means_generator_updates() -> None:
    gan = make()
    assert fit(gan, points(batches=3), max_epochs=None, max_steps=7).global_step == 7
    assert gan.iteration == 7


class FixedNoise(GAN):
    """Latents by position, so that a batch and its parts draw the same."""

    def sample_latent(self, n: int) -> Tensor:
        z = super().sample_latent(n)
        if not hasattr(self, "position"):
            self.position = 0
        start = self.position % 8
        self.position += n
        return torch.linspace(-1, 1, 8 * LATENT).reshape(8, LATENT)[start : start + n].to(z)


def test_micro_batches_give_the_gradient_of_the_whole() -> None:
    whole, parts = make(FixedNoise), make(FixedNoise, micro_batches_d=4, micro_batches_g=2)
    fit(whole)
    fit(parts)
    torch.testing.assert_close(weights(whole), weights(parts), rtol=0, atol=1e-6)


def test_a_batch_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(ValueError, match="a batch of 8 cannot be split into 3 micro-batches"):
        fit(make(micro_batches_d=3))


def test_labels_reach_both_networks_and_are_left_aside_without_classes() -> None:
    labels = torch.arange(8) % 3
    data = Batches(*[[x, labels] for x in points()])
    gan = make(generator=Labelled(LATENT, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3)
    before = weights(gan)
    fit(gan, data)
    assert not torch.equal(before, weights(gan))
    unlabelled, plain = make(), make()
    fit(unlabelled, data)
    fit(plain)
    assert torch.equal(weights(unlabelled), weights(plain))


@pytest.mark.parametrize("loss", [Hinge(), RelativisticPaired()])
def test_other_losses_train(loss) -> None:
    gan = make(loss=loss)
    before = weights(gan)
    fit(gan)
    assert weights(gan).isfinite().all()
    assert not torch.equal(before, weights(gan))


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([], True),
        ([nn.BatchNorm1d(8)], False),
        ([nn.LayerNorm(8)], True),
        ([nn.utils.parametrizations.spectral_norm(nn.Linear(8, 8))], True),
    ],
)
def test_one_pass_is_taken_where_no_layer_mixes_samples(layers: list, expected: bool) -> None:
    discriminator = nn.Sequential(nn.Linear(2, 8), *layers, nn.ReLU(), nn.Linear(8, 1))
    gan = make(discriminator=discriminator)
    fit(gan, points(batches=1))
    assert bool(gan._joint_size) is expected


def test_convolutions_are_laid_out_channels_last() -> None:
    generator = nn.Sequential(nn.Linear(LATENT, 64), nn.Unflatten(1, (4, 4, 4)), nn.ConvTranspose2d(4, 3, 4, 2, 1))
    discriminator = nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.Flatten(), nn.Linear(64, 1))
    images = Batches(*torch.randn(2, 8, 3, 8, 8).clamp(-1, 1))
    last, first = (make(generator=generator, discriminator=discriminator, channels_last=on) for on in (True, False))
    fit(first, images)
    assert not discriminator[0].weight.is_contiguous(memory_format=torch.channels_last)
    fit(last, images)
    assert discriminator[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_only_batches_of_the_size_that_was_measured_are_judged_jointly() -> None:
    """Of 16 and 16 no group of the layer holds both real and fake; of 6 and 6 the middle one of three would."""
    arguments = {"discriminator": MLPDiscriminator((2,), width=8, minibatch="stddev")}
    data = Batches(torch.randn(16, 2), torch.randn(6, 2), torch.randn(6, 2))
    joint, apart = make(**deepcopy(arguments)), make(**deepcopy(arguments), joint_pass=False)
    apart.load_state_dict(joint.state_dict())
    fit(joint, data)
    fit(apart, data)
    assert joint._joint_size == 16
    torch.testing.assert_close(weights(joint), weights(apart), rtol=0, atol=1e-6)


def test_clipping_may_be_turned_while_it_trains() -> None:
    class Tightens(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx) -> None:
            pl_module.clip_d = 1e-12

    def sgd(params):
        return torch.optim.SGD(params, lr=1.0)

    gan = make(clip_d=1e12, optimizer_d=sgd)
    before = [p.detach().clone() for p in gan.discriminator.parameters()]
    fit(gan, callbacks=[Tightens()])
    for p, q in zip(before, gan.discriminator.parameters(), strict=True):
        torch.testing.assert_close(p, q.detach(), rtol=0, atol=1e-9)
