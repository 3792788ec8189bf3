"""Unrolled GAN against real optimizer steps: the generator's gradient by finite differences through them."""

import copy

import pytest
import torch
from helpers import fit, make, mlp, points, weights
from torch import nn
from torch.nn.functional import softplus

from gan_lightning.mixins import R1, R2, GapAwareLearningRate, LeCam, UnrolledGAN, WeightClipping

CLOSED = {"gap_slowest": 1.0, "gap_fastest": 1.0}


class Points(nn.Module):
    """A generator of eight points, wherever the latents lie."""

    def __init__(self):
        super().__init__()
        self.points = nn.Parameter(torch.randn(8, 2).double())

    def forward(self, z):
        return self.points[: len(z)] * 1.0


class Spy(UnrolledGAN):
    """Keeps what the generator's update starts from, and the gradient that it finds."""

    def g_step(self, batch):
        optimizer = self._player_d._raw
        self.seen = {
            "discriminator": copy.deepcopy(self.discriminator),
            "state": copy.deepcopy(optimizer.state_dict()),
            "points": self.generator.points.detach().clone(),
            "real": batch.real,
        }
        super().g_step(batch)
        self.seen["gradient"] = self.generator.points.grad
        assert str(optimizer.state_dict()) == str(self.seen["state"])
        for now, before in zip(self.discriminator.parameters(), self.seen["discriminator"].parameters(), strict=True):
            assert isinstance(now, nn.Parameter)
            assert now.requires_grad
            assert torch.equal(now, before)


def loss_after_real_steps(seen, points, kind, steps, clip=None, r2_gamma=0.0):
    """The generator's loss against a discriminator that was really trained on: no unrolling code in here."""
    discriminator = copy.deepcopy(seen["discriminator"])
    optimizer = kind(discriminator.parameters())
    optimizer.load_state_dict(copy.deepcopy(seen["state"]))
    for _ in range(steps):
        optimizer.zero_grad()
        at = points.clone().requires_grad_()
        real, fake = discriminator(seen["real"]), discriminator(at)
        (slope,) = torch.autograd.grad(fake.sum(), at, create_graph=True)
        penalty = r2_gamma / 2 * slope.square().sum(1).mean()
        (softplus(-real).mean() + softplus(fake).mean() + penalty).backward()
        if clip:
            nn.utils.clip_grad_norm_(discriminator.parameters(), clip)
        optimizer.step()
    with torch.no_grad():
        return float(softplus(-discriminator(points)).mean())


def check_gradient(gan, kind, **extras):
    numeric, h = torch.zeros(8, 2).double(), 1e-5
    for i in range(8):
        for j in range(2):
            sides = []
            for sign in (1, -1):
                moved = gan.seen["points"].clone()
                moved[i, j] += sign * h
                sides.append(loss_after_real_steps(gan.seen, moved, kind, 3, **extras))
            numeric[i, j] = (sides[0] - sides[1]) / (2 * h)
    assert numeric.abs().max() > 1e-4
    torch.testing.assert_close(gan.seen["gradient"], numeric, rtol=1e-4, atol=1e-8)


def smooth():
    return nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1)).double()


KINDS = {
    "sgd": lambda params: torch.optim.SGD(params, lr=0.3),
    "momentum": lambda params: torch.optim.SGD(params, lr=0.3, momentum=0.9, weight_decay=0.1),
    "adam": lambda params: torch.optim.Adam(params, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
    "adamw": lambda params: torch.optim.AdamW(params, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
}


@pytest.mark.parametrize("clip", [None, 0.05])
@pytest.mark.parametrize("name", KINDS)
def test_the_gradient_is_that_of_the_loss_after_real_steps(name, clip):
    arguments = {"generator": Points(), "discriminator": smooth(), "unroll_steps": 3, "clip_d": clip}
    gan = make(Spy, optimizer_d=KINDS[name], **arguments)
    fit(gan, points(batches=2, dtype=torch.float64), precision="64-true")
    check_gradient(gan, KINDS[name], clip=clip)


def test_penalties_on_the_slope_at_the_samples_take_part():
    """R2 differentiates D by the generated samples, of which the discriminator ahead is a function as well."""
    arguments = {"generator": Points(), "discriminator": smooth(), "unroll_steps": 3, "r2_gamma": 2.0}
    gan = make(type("Both", (Spy, R2), {}), optimizer_d=KINDS["sgd"], **arguments)
    fit(gan, points(batches=2, dtype=torch.float64), precision="64-true")
    check_gradient(gan, KINDS["sgd"], r2_gamma=2.0)


def test_it_is_not_the_plain_gradient():
    def gradient(steps):
        torch.manual_seed(0)
        gan = make(Spy, generator=Points(), discriminator=smooth(), unroll_steps=steps, optimizer_d=KINDS["sgd"])
        fit(gan, points(batches=1, dtype=torch.float64), precision="64-true")
        return gan.seen["gradient"]

    assert (gradient(1) - gradient(0)).abs().max() > 1e-3


@pytest.mark.parametrize("arguments", [{"d_steps": 2}, {"g_steps": 2}, {"micro_batches_d": 2}])
def test_other_rhythms_train(arguments):
    gan = make(UnrolledGAN, unroll_steps=2, **arguments)
    before = weights(gan)
    fit(gan)
    assert weights(gan).isfinite().all()
    assert not torch.equal(before, weights(gan))


def test_buffers_of_layers_and_of_techniques_do_not_look_ahead():
    def buffers(steps):
        torch.manual_seed(0)
        discriminator = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))
        gan = make(type("Both", (UnrolledGAN, LeCam), {}), discriminator=discriminator, unroll_steps=steps)
        fit(gan, points(batches=1))
        return gan.lecam_means, gan.discriminator[1].num_batches_tracked

    for ahead, plain in zip(buffers(3), buffers(0), strict=True):
        assert plain.ne(0).any()
        assert torch.equal(ahead, plain)


def test_an_error_on_the_way_puts_the_discriminator_back():
    class Fails(UnrolledGAN):
        def g_terms(self, step):
            assert not isinstance(self.discriminator[0].weight, nn.Parameter)
            raise RuntimeError("on purpose")

    gan = make(Fails, discriminator=mlp(2, 1))
    with pytest.raises(RuntimeError, match="on purpose"):
        fit(gan)
    assert isinstance(gan.discriminator[0].weight, nn.Parameter)


def test_bf16_and_penalties_train():
    gan = make(type("Both", (UnrolledGAN, R1), {}), unroll_steps=2, r1_gamma=0.1, discriminator=smooth().float())
    fit(gan, precision="bf16-mixed")
    assert weights(gan).isfinite().all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"unroll_steps": -1}, "unroll_steps must be at least 0, got -1"),
        ({"micro_batches_g": 2}, "micro_batches_g is 2"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(UnrolledGAN, **arguments)


def test_steps_are_whole():
    with pytest.raises(TypeError, match=r"unroll_steps must be a whole number, got 1\.5"):
        make(UnrolledGAN, unroll_steps=1.5)


@pytest.mark.parametrize(("other", "neutral"), [(WeightClipping, {"weight_clip": 0.0}), (GapAwareLearningRate, CLOSED)])
def test_updates_beyond_the_optimizer_are_refused_in_either_order(other, neutral):
    for parts in ((UnrolledGAN, other), (other, UnrolledGAN)):
        both = type("Both", parts, {})
        with pytest.raises(ValueError, match=f"{other.__name__} changes the update beyond it.*drop one of them"):
            fit(make(both))
        fit(make(both, unroll_steps=0), points(batches=1))
        fit(make(both, **neutral), points(batches=1))


def test_an_optimizer_that_cannot_be_unrolled_is_named_at_the_start():
    with pytest.raises(ValueError, match=r"got RMSprop: use one of AdamGAN, Adam, AdamW, SGD"):
        fit(make(UnrolledGAN, optimizer_d=torch.optim.RMSprop))
    with pytest.raises(ValueError, match="got Adam with amsgrad"):
        fit(make(UnrolledGAN, optimizer_d=lambda params: torch.optim.Adam(params, amsgrad=True)))
    fit(make(UnrolledGAN, unroll_steps=0, optimizer_d=torch.optim.RMSprop), points(batches=1))
