"""The minibatch standard deviation against a slow loop."""

from math import prod, sqrt

import pytest
import torch

from gan_lightning.layers import MinibatchStdDev


def slow(x, size):
    """For each group: the standard deviation of each number, their mean; one more channel per sample."""
    n, numbers = len(x), prod(x.shape[1:])
    flat, planes = x.reshape(n, numbers).tolist(), []
    for start in range(0, n, size):
        group = flat[start : start + size]
        total = 0.0
        for k in range(numbers):
            mean = sum(sample[k] for sample in group) / size
            total += sqrt(sum((sample[k] - mean) ** 2 for sample in group) / size + 1e-8)
        planes += [total / numbers] * size
    plane = torch.tensor(planes, dtype=x.dtype).view(n, *[1] * (x.ndim - 1)).expand(n, 1, *x.shape[2:])
    return torch.cat([x, plane], 1)


@pytest.mark.parametrize("shape", [(8, 5), (8, 3, 2, 4), (8, 1)])
@pytest.mark.parametrize("group_size", [2, 4, 8, None])
def test_is_the_papers_formula(shape, group_size):
    x = torch.randn(shape, dtype=torch.float64)
    torch.testing.assert_close(MinibatchStdDev(group_size)(x), slow(x, group_size or 8), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n", [1, 3, 6, 7])
def test_a_batch_that_does_not_divide_is_one_group(n):
    x = torch.randn(n, 5, dtype=torch.float64)
    torch.testing.assert_close(MinibatchStdDev(4)(x), slow(x, n), rtol=1e-12, atol=1e-12)


def test_halves_that_divide_may_pass_together():
    """As two ranks, or real and generated samples in one pass."""
    layer, x = MinibatchStdDev(4), torch.randn(16, 3)
    assert torch.equal(layer(x), torch.cat([layer(half) for half in x.chunk(2)]))


def test_slope_is_finite_where_all_samples_are_the_same():
    x = torch.ones(4, 3, requires_grad=True)
    out = MinibatchStdDev()(x)
    (gradient,) = torch.autograd.grad(out.sum(), x)
    assert gradient.isfinite().all()
    torch.testing.assert_close(out[:, 3], torch.full((4,), 1e-4))


def test_derivatives():
    x = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(MinibatchStdDev(2), x)
    assert torch.autograd.gradgradcheck(MinibatchStdDev(2), x)


def test_is_reduced_in_float32():
    x = torch.randn(4, 3, 8, 8).bfloat16()
    out = MinibatchStdDev()(x)
    assert out.dtype == torch.bfloat16
    expected = MinibatchStdDev()(x.float())[:, -1]
    assert torch.equal(out[:, -1], expected.bfloat16())


def test_keeps_the_memory_format():
    x = torch.randn(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    assert MinibatchStdDev()(x).is_contiguous(memory_format=torch.channels_last)


def test_has_no_state():
    assert not MinibatchStdDev().state_dict()


def test_wrong_settings():
    with pytest.raises(ValueError, match="group_size is 1, expected at least 2"):
        MinibatchStdDev(1)
    with pytest.raises(ValueError, match=r"got shape \(4,\)"):
        MinibatchStdDev()(torch.randn(4))
