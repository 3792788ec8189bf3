"""Gaussian noise: its size, and that it is there in training only."""

import pytest
import torch

from gan_lightning.layers import GaussianNoise


def test_adds_noise_of_its_size_and_no_shift():
    x = torch.full((100_000,), 3.0)
    noise = GaussianNoise(0.5)(x) - x
    assert noise.std().item() == pytest.approx(0.5, rel=0.02)
    assert noise.mean().item() == pytest.approx(0.0, abs=0.01)


def test_every_call_draws_anew_and_follows_the_seed():
    layer, x = GaussianNoise(0.5), torch.zeros(8)
    first, second = layer(x), layer(x)
    assert not torch.equal(first, second)
    torch.manual_seed(0)
    assert torch.equal(layer(x), first)


def test_evaluation_and_zero_do_nothing_and_draw_nothing():
    x = torch.randn(8)
    state = torch.get_rng_state()
    assert GaussianNoise(0.5).eval()(x) is x
    assert GaussianNoise(0.0)(x) is x
    assert torch.equal(torch.get_rng_state(), state)


def test_gradient_passes():
    x = torch.randn(4, requires_grad=True)
    (gradient,) = torch.autograd.grad(GaussianNoise(0.5)(x).sum(), x)
    assert torch.equal(gradient, torch.ones(4))


def test_keeps_the_type():
    assert GaussianNoise(0.5)(torch.zeros(4).bfloat16()).dtype == torch.bfloat16


def test_negative():
    with pytest.raises(ValueError, match=r"std is -0.1, expected at least 0"):
        GaussianNoise(-0.1)
