"""The finite-difference penalty against the exact one and against what its docstring says of its noise."""

import pytest
import torch

from gan_lightning.functional import finite_difference_penalty, input_gradient_penalty


def test_matches_a_loop():
    logits, moved = torch.randn(4, dtype=torch.float64), torch.randn(4, dtype=torch.float64, requires_grad=True)
    slow = sum(((b - a) / 0.1) ** 2 for a, b in zip(logits.tolist(), moved.tolist(), strict=True)) / 8
    assert finite_difference_penalty(logits, moved, 0.1, num_samples=8).item() == pytest.approx(slow, rel=1e-12)


def test_mean_and_spread_over_directions_are_those_of_the_docstring():
    """A linear D has slope w: the estimates of |w|^2 = 25 spread by sqrt(2) 25, whatever the step."""
    weight = torch.tensor([3.0, 0.0, 4.0, 0.0], dtype=torch.float64, requires_grad=True)
    x, v = torch.randn(2, 20_000, 4, dtype=torch.float64)
    estimates = torch.stack(
        [finite_difference_penalty(a @ weight, (a + 0.3 * b) @ weight, 0.3, 1)
         for a, b in zip(x[:2000, None], v[:2000, None], strict=True)]
    )  # fmt: skip
    assert estimates.mean().item() == pytest.approx(25.0, rel=0.15)
    assert estimates.std().item() == pytest.approx(2**0.5 * 25.0, rel=0.2)
    batch = finite_difference_penalty(x @ weight, (x + 0.3 * v) @ weight, 0.3, 20_000)
    assert batch.item() == pytest.approx(25.0, rel=4 * (2 / 20_000) ** 0.5)


def test_its_bias_is_of_second_order_in_the_step():
    """D(x) = x^2 at 1, over the pair v and -v, has the mean (2 v)^2 + s^2 v^4: no term in s."""
    scale = torch.ones(1, dtype=torch.float64, requires_grad=True)
    x = torch.ones(2, dtype=torch.float64)
    v = torch.tensor([1.5, -1.5], dtype=torch.float64)
    for step in (0.1, 0.01):
        estimate = finite_difference_penalty(scale * x**2, scale * (x + step * v) ** 2, step, 2)
        assert estimate.item() == pytest.approx((2 * 1.5) ** 2 + step**2 * 1.5**4, rel=1e-9)


def test_its_gradient_by_the_weights_is_that_of_the_exact_penalty_on_average():
    weight = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    x = torch.randn(1, 3, dtype=torch.float64).expand(50_000, 3).clone().requires_grad_()

    def logits(points):
        return (points @ weight).tanh().sum(1)

    moved = logits(x + 1e-3 * torch.randn(x.shape, dtype=x.dtype))
    (estimate,) = torch.autograd.grad(finite_difference_penalty(logits(x), moved, 1e-3, len(x)), weight)
    (exact,) = torch.autograd.grad(input_gradient_penalty(logits(x), x), weight)
    assert (estimate - exact).norm() < 0.05 * exact.norm()


def test_packs_count_as_their_samples():
    """As in the exact penalty: three packs of two, each of slope (u, v), give (|u|^2 + |v|^2) / 2 on average."""
    logits = torch.zeros(3)
    moved = torch.full((3,), 2.0, requires_grad=True)
    assert finite_difference_penalty(logits, moved, 1.0, num_samples=6).item() == 2.0


def test_half_precision_is_reduced_in_float32():
    moved = torch.full((2,), 2.0**10, dtype=torch.float16, requires_grad=True)
    penalty = finite_difference_penalty(torch.zeros(2, dtype=torch.float16), moved, 1.0, 2)
    assert penalty.dtype == torch.float32
    assert penalty.item() == 2.0**20


def test_frozen_logits_are_refused():
    with pytest.raises(RuntimeError, match="silently train nothing"):
        finite_difference_penalty(torch.zeros(2), torch.ones(2), 0.1, 2)
