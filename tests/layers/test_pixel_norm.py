"""Pixel norm against its formula."""

from math import sqrt

import pytest
import torch

from gan_lightning.layers import PixelNorm


def test_is_the_papers_formula():
    x = torch.randn(2, 5, 3, 4, dtype=torch.float64)
    expected = torch.empty_like(x)
    for n in range(2):
        for i in range(3):
            for j in range(4):
                pixel = x[n, :, i, j].tolist()
                length = sqrt(sum(a * a for a in pixel) / 5 + 1e-8)
                expected[n, :, i, j] = torch.tensor([a / length for a in pixel], dtype=x.dtype)
    torch.testing.assert_close(PixelNorm()(x), expected, rtol=1e-12, atol=1e-12)


def test_latents_get_unit_root_mean_square():
    out = PixelNorm()(100 * torch.randn(6, 32))
    torch.testing.assert_close(out.square().mean(1), torch.ones(6))


def test_zero_stays_zero_with_a_finite_slope():
    x = torch.zeros(2, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad(PixelNorm()(x).sum(), x)
    assert gradient.isfinite().all()


def test_is_taken_in_float32():
    x = torch.full((1, 4), 2.0**10).half()  # its square overflows float16
    out = PixelNorm()(x)
    assert out.dtype == torch.float16
    assert torch.equal(out, torch.ones(1, 4).half())


def test_derivatives():
    x = torch.randn(2, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(PixelNorm(), x)


def test_wrong_shape():
    with pytest.raises(ValueError, match=r"got shape \(3,\), expected \(N, C\)"):
        PixelNorm()(torch.randn(3))
