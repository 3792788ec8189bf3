"""The penalties on the input gradient against closed forms and slow loops."""

import math

import pytest
import torch
from torch import nn

from gan_lightning.functional import gradient_norm_penalty, input_gradient, input_gradient_penalty


def test_of_a_linear_discriminator_is_the_squared_weight():
    x = torch.randn(7, 2, requires_grad=True)
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    penalty = input_gradient_penalty(x @ weight, x)
    (gradient,) = torch.autograd.grad(penalty, weight)
    assert penalty.item() == pytest.approx(25.0)
    torch.testing.assert_close(gradient, 2 * weight.detach())


def test_matches_a_loop_over_single_samples():
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(12, 5, generator=generator, dtype=torch.float64)
    x = torch.randn(4, 3, 2, 2, generator=generator, dtype=torch.float64)

    def logit(sample):
        return (sample.reshape(-1) @ weight).tanh().sum()

    slow = 0.0
    for sample in x:
        (gradient,) = torch.autograd.grad(logit(leaf := sample.clone().requires_grad_()), leaf)
        slow += sum(g * g for g in gradient.flatten().tolist()) / len(x)
    x.requires_grad_()
    fast = input_gradient_penalty((x.flatten(1) @ weight).tanh().sum(1), x)
    assert fast.item() == pytest.approx(slow, rel=1e-12)


def test_gradient_by_the_weights_is_exact():
    x = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: input_gradient_penalty((x @ w).tanh().sum(1), x), weight)


def test_averages_over_samples_when_several_share_a_logit():
    x = torch.randn(6, 2, requires_grad=True)
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    logits = (x @ weight).view(3, 2).sum(1)  # packs of two
    assert input_gradient_penalty(logits, x).item() == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("dtype", "result"),
    [(torch.bfloat16, torch.float32), (torch.float16, torch.float32), (torch.float64, torch.float64)],
)
def test_reduces_in_float32_at_least(dtype, result):
    x = torch.zeros(2, 1, dtype=dtype, requires_grad=True)
    weight = torch.full((1,), 2.0**10, dtype=dtype, requires_grad=True)  # its square overflows float16
    penalty = input_gradient_penalty((x * weight).sum(1), x)
    assert penalty.dtype == result
    assert penalty.item() == 2.0**20


def test_samples_must_require_grad():
    weight = torch.ones(2, requires_grad=True)
    x = torch.ones(3, 2)
    with pytest.raises(RuntimeError, match=r"\(3, 2\).*requires_grad_\(\)"):
        input_gradient_penalty(x @ weight, x)


def test_logits_must_depend_on_the_samples():
    weight = torch.ones(2, requires_grad=True)
    x = torch.ones(3, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="do not depend"):
        input_gradient_penalty(x.detach() @ weight, x)
    with pytest.raises(RuntimeError, match="do not depend"):
        input_gradient_penalty(torch.zeros(3), x)


def test_a_penalty_that_trains_nothing_is_an_error():
    x = torch.ones(3, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"silently train nothing.*linear"):
        input_gradient_penalty(x @ torch.ones(2), x)  # linear and frozen: a constant gradient


def test_frozen_but_curved_discriminator_is_allowed():
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).requires_grad_(False)
    x = torch.randn(3, 2, requires_grad=True)
    penalty = input_gradient_penalty(discriminator(x).squeeze(1), x)
    (gradient,) = torch.autograd.grad(penalty, x)
    assert gradient.abs().sum() > 0


def test_input_gradient_is_that_of_each_sample():
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    jacobian = torch.autograd.functional.jacobian(lambda x: (x @ weight).tanh().sum(1), x)  # (5, 5, 3)
    gradient = input_gradient((x @ weight).tanh().sum(1), x)
    torch.testing.assert_close(gradient, torch.stack([jacobian[i, i] for i in range(5)]))


def test_mixed_precision_does_not_round_a_float32_network():
    """Without a guard, autocast rounds the products of the backward, whatever the forward ran in."""
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    x = torch.randn(4, 2, requires_grad=True)
    exact = input_gradient(discriminator(x).squeeze(1), x)
    logits = discriminator(x).squeeze(1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(input_gradient(logits, x), exact)


@pytest.mark.parametrize("target", [0.0, 1.0, 2.5])
def test_gradient_norm_penalty_matches_a_loop_over_single_samples(target):
    weight = torch.randn(12, 5, dtype=torch.float64, requires_grad=True)
    x = torch.randn(4, 3, 2, 2, dtype=torch.float64)
    slow = 0.0
    for sample in x:
        leaf = sample.clone().requires_grad_()
        (gradient,) = torch.autograd.grad((leaf.reshape(-1) @ weight).tanh().sum(), leaf)
        slow += (math.sqrt(sum(g * g for g in gradient.flatten().tolist())) - target) ** 2 / len(x)
    x.requires_grad_()
    fast = gradient_norm_penalty((x.flatten(1) @ weight).tanh().sum(1), x, target)
    assert fast.item() == pytest.approx(slow, rel=1e-12)


def test_gradient_norm_penalty_has_the_right_gradient_by_the_weights():
    x = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: gradient_norm_penalty((x @ w).tanh().sum(1), x, 1.0), weight)


def test_the_norm_is_that_of_a_whole_pack():
    """Packs of two consecutive samples under D(a, b) = u a + v b: the slope of each logit is (u, v)."""
    x = torch.randn(6, 2, requires_grad=True)
    weight = torch.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    logits = (x.view(3, 2, 2) * weight).sum((1, 2))
    assert gradient_norm_penalty(logits, x, target=1.0).item() == pytest.approx((5.0 - 1.0) ** 2)


def test_packs_must_be_of_one_size():
    x = torch.randn(6, 2, requires_grad=True)
    weight = torch.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="4 logits cannot share 6 samples"):
        gradient_norm_penalty((x @ weight)[:4], x, target=1.0)


def test_a_vanishing_gradient_gives_no_nan():
    x = torch.randn(3, 2, requires_grad=True)
    weight = torch.zeros(2, requires_grad=True)
    penalty = gradient_norm_penalty(x @ weight, x, target=1.0)
    (gradient,) = torch.autograd.grad(penalty, weight)
    assert penalty.item() == 1.0
    assert torch.equal(gradient, torch.zeros(2))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_norm_is_reduced_in_float32(dtype):
    x = torch.zeros(2, 1, dtype=dtype, requires_grad=True)
    weight = torch.full((1,), 2.0**10, dtype=dtype, requires_grad=True)
    penalty = gradient_norm_penalty((x * weight).sum(1), x, target=0.0)
    assert penalty.dtype == torch.float32
    assert penalty.item() == 2.0**20


def test_the_norm_penalty_refuses_what_trains_nothing():
    x = torch.ones(3, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="silently train nothing"):
        gradient_norm_penalty(x @ torch.ones(2), x, target=1.0)
