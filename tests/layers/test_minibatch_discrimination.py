"""Minibatch discrimination against a slow loop, and its scale over widths."""

import copy
from math import exp

import pytest
import torch

from gan_lightning.layers import MinibatchDiscrimination


def slow(layer, x):
    """Section 3.2 of the paper, sample by sample, kernel by kernel."""
    n, kernels = len(x), layer.num_kernels
    matrices = [[(x[i] @ layer.weight[:, b]).tolist() for b in range(kernels)] for i in range(n)]
    appended = torch.zeros(n, kernels, dtype=x.dtype)
    for i in range(n):
        for b in range(kernels):
            distances = [sum(abs(p - q) for p, q in zip(matrices[i][b], matrices[j][b], strict=True)) for j in range(n)]
            appended[i, b] = sum(exp(-distance) for distance in distances) / n
    return torch.cat([x, appended], 1)


def test_is_the_papers_formula():
    layer = MinibatchDiscrimination(6, num_kernels=4, kernel_dim=3).double()
    x = torch.randn(5, 6, dtype=torch.float64)
    torch.testing.assert_close(layer(x), slow(layer, x), rtol=1e-12, atol=1e-12)


def test_derivatives():
    layer = MinibatchDiscrimination(3, num_kernels=2, kernel_dim=2).double()
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x)
    assert torch.autograd.gradgradcheck(layer, x)

    def by_weight(weight):
        return torch.func.functional_call(layer, {"weight": weight}, (x,))

    assert torch.autograd.gradcheck(by_weight, layer.weight)


@pytest.mark.parametrize("width", [16, 64, 512, 2048, 8192])
def test_neither_blind_nor_saturated_at_any_width(width):
    """Unit normals in T would give exp(-5 sqrt(width)), which is 0 in float32 from a width of 512 on."""
    layer, x = MinibatchDiscrimination(width, num_kernels=20), torch.randn(32, width, requires_grad=True)
    closeness = layer(x)[:, width:]
    others = (closeness * 32 - 1) / 31  # without the sample itself
    assert 0.3 < others.mean() < 0.6  # the distances are 1 on average
    assert others.min() > 0.01
    assert others.max() < 0.95
    (gradient,) = torch.autograd.grad(closeness.sum(), x)
    assert gradient.abs().sum() > 0


def test_tells_a_collapse():
    layer = MinibatchDiscrimination(8, num_kernels=3)
    one = torch.randn(1, 8).expand(6, 8)
    torch.testing.assert_close(layer(one)[:, 8:], torch.ones(6, 3))
    assert layer(torch.randn(6, 8))[:, 8:].mean() < 0.8


def test_features_come_first_and_keep_their_type():
    layer = MinibatchDiscrimination(8, num_kernels=3).bfloat16()
    x = torch.randn(4, 8).bfloat16()
    out = layer(x)
    assert out.dtype == torch.bfloat16
    assert out.shape == (4, layer.out_features) == (4, 11)
    assert torch.equal(out[:, :8], x)


def test_distances_are_taken_in_float32_under_autocast():
    """Samples that bfloat16 tells apart only just: its numbers near 100 are 0.5 apart."""
    layer, x = MinibatchDiscrimination(8, num_kernels=3), 100 + torch.randn(4, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(layer(x), layer(x.double()).float(), rtol=1e-3, atol=1e-3)


def test_state_and_copies():
    layer, x = MinibatchDiscrimination(8), torch.randn(4, 8)
    assert set(layer.state_dict()) == {"weight"}
    other = MinibatchDiscrimination(8)
    assert not torch.equal(other(x), layer(x))
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x), layer(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))


@pytest.mark.parametrize("wrong", ["in_features", "num_kernels", "kernel_dim"])
def test_sizes_are_positive(wrong):
    with pytest.raises(ValueError, match=f"{wrong} is 0"):
        MinibatchDiscrimination(**{"in_features": 4, wrong: 0})


@pytest.mark.parametrize("shape", [(4, 7), (4, 8, 2), (8,)])
def test_wrong_features(shape):
    with pytest.raises(ValueError, match=r"expected \(N, 8\): flatten"):
        MinibatchDiscrimination(8)(torch.randn(shape))
