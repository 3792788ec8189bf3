"""Orthogonality of filters against loops over pairs and over the convolutions themselves."""

import pytest
import torch
from torch import nn

from gan_lightning.functional import filters_of, off_diagonal_gram


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (4, 4), (1, 5), (5, 1)])
def test_matches_a_loop_over_pairs(shape):
    filters = torch.randn(shape, dtype=torch.float64)
    rows = filters.tolist()
    slow = sum(
        sum(x * y for x, y in zip(a, b, strict=True)) ** 2
        for i, a in enumerate(rows)
        for j, b in enumerate(rows)
        if i != j
    )
    assert off_diagonal_gram(filters).item() == pytest.approx(slow, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3)])
def test_its_gradient_is_exact(shape):
    filters = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(off_diagonal_gram, filters)


def test_descending_it_makes_filters_orthogonal_and_keeps_them_alive():
    filters = torch.randn(3, 6).requires_grad_()
    for _ in range(500):
        (gradient,) = torch.autograd.grad(off_diagonal_gram(filters), filters)
        filters.data -= 0.02 * gradient
    assert off_diagonal_gram(filters).item() < 1e-8
    assert filters.norm(dim=1).min().item() > 0.5


def test_half_precision_is_reduced_in_float32():
    overlap = off_diagonal_gram(torch.full((2, 2), 2.0**6, dtype=torch.float16))
    assert overlap.dtype == torch.float32
    assert overlap.item() == 2 * (2.0**13) ** 2


@pytest.mark.parametrize("shape", [(3, 7), (7, 3)])
def test_autocast_does_not_reach_the_product(shape):
    filters = torch.randn(shape)
    with torch.autocast("cpu", torch.bfloat16):
        overlap = off_diagonal_gram(filters)
    assert torch.equal(overlap, off_diagonal_gram(filters))


@pytest.mark.parametrize("groups", [1, 2])
def test_the_filters_of_a_transposed_convolution_make_its_channels(groups):
    """A pixel that is 1 in all channels paints, in channel o, the filter of o summed over the inputs."""
    layer = nn.ConvTranspose2d(4, 6, 3, groups=groups, bias=False)
    painted = layer(torch.ones(1, 4, 1, 1))[0]
    filters = filters_of(layer.weight, transposed_groups=groups)
    assert filters.shape == (6, 4 // groups * 9)
    torch.testing.assert_close(filters.view(6, -1, 9).sum(1), painted.flatten(1))


def test_the_filters_of_a_convolution_are_its_output_channels():
    layer = nn.Conv2d(3, 5, 2, bias=False)
    x = torch.randn(1, 3, 2, 2)
    torch.testing.assert_close(filters_of(layer.weight) @ x.flatten(), layer(x).flatten())
