"""Self-attention against a slow loop, and its handwritten backward."""

import copy
from math import exp

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from gan_lightning.functional import input_gradient_penalty
from gan_lightning.layers import SelfAttention, add_spectral_norm


def awake(channels, reduction=8):
    """A layer that has learned to attend: its gamma starts at 0."""
    layer = SelfAttention(channels, reduction).double()
    nn.init.constant_(layer.gamma, 0.7)
    return layer


def slow(layer, x):
    """Equations 1 to 3 of the paper, location by location; matrices W are 1 x 1 convolutions."""
    key, query, value, output = (
        conv.weight[:, :, 0, 0] for conv in (layer.key, layer.query, layer.value, layer.output)
    )
    result = torch.empty_like(x)
    for n in range(len(x)):
        locations = x[n].flatten(1).T  # (H W, C)
        for j, here in enumerate(locations):
            scores = [float((key @ there) @ (query @ here)) for there in locations]
            total = sum(exp(score) for score in scores)
            attended = sum(exp(s) / total * (value @ there) for s, there in zip(scores, locations, strict=True))
            result[n].flatten(1)[:, j] = here + layer.gamma * (output @ attended)
    return result


@torch.no_grad()
@pytest.mark.parametrize(("channels", "reduction"), [(8, 2), (6, 8), (16, 8)])
def test_is_the_papers_formula(channels, reduction):
    layer, x = awake(channels, reduction), torch.randn(2, channels, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(x), slow(layer, x), rtol=1e-10, atol=1e-10)


def test_starts_as_the_identity_and_learns_gamma_first():
    layer, x = SelfAttention(16), torch.randn(2, 16, 4, 4)
    assert torch.equal(layer(x), x)
    layer(x).square().sum().backward()
    assert layer.gamma.grad.abs() > 0
    assert not layer.key.weight.grad.any()


def test_derivatives_of_both_orders():
    layer, x = awake(4, 2), torch.randn(2, 4, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x)
    assert torch.autograd.gradgradcheck(layer, x)


def test_a_gradient_penalty_trains_it():
    layer, x = awake(8), torch.randn(2, 8, 4, 4, dtype=torch.float64, requires_grad=True)
    input_gradient_penalty(layer(x).square().sum((1, 2, 3)), x).backward()
    assert all(p.grad.abs().sum() > 0 for p in layer.parameters())


def test_reaches_a_fused_kernel():
    """torch falls back to the matrix of all pairs without a word if it dislikes the layout."""
    with torch.no_grad(), sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        SelfAttention(16)(torch.randn(2, 16, 4, 4))


def test_runs_in_bfloat16():
    layer = awake(16).float()
    x = torch.randn(2, 16, 4, 4, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = layer(x)
    out.square().sum().backward()
    half = [p.grad.clone() for p in (x, *layer.parameters())]
    x.grad = None
    layer.zero_grad()
    layer(x).square().sum().backward()
    for rough, exact in zip(half, (x, *layer.parameters()), strict=True):
        assert (rough - exact.grad).norm() < 0.05 * exact.grad.norm()


def test_takes_spectral_norm_as_in_the_paper():
    layer = SelfAttention(16)
    assert add_spectral_norm(layer) == 4


def test_state_and_copies():
    layer, x = awake(8), torch.randn(2, 8, 3, 3, dtype=torch.float64)
    other = SelfAttention(8).double()
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x), layer(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))


def test_keeps_the_memory_format():
    x = torch.randn(2, 8, 4, 4).contiguous(memory_format=torch.channels_last)
    assert SelfAttention(8)(x).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("wrong", ["channels", "reduction"])
def test_sizes_are_positive(wrong):
    with pytest.raises(ValueError, match=f"{wrong} is 0, expected at least 1"):
        SelfAttention(**{"channels": 8, wrong: 0})


@pytest.mark.parametrize("shape", [(2, 7, 4, 4), (2, 8)])
def test_wrong_shape(shape):
    with pytest.raises(ValueError, match=r"expected \(N, 8, H, W\)"):
        SelfAttention(8)(torch.randn(shape))
