"""Path lengths against explicit Jacobians."""

import pytest
import torch

from gan_lightning.functional import path_lengths


def test_matches_explicit_jacobians():
    weight = torch.randn(3, 12).double()

    def generator(z):
        return (z @ weight).tanh().reshape(*z.shape[:-1], 3, 2, 2)

    z = torch.randn(5, 3).double().requires_grad_()
    noise = torch.randn(5, 3, 2, 2).double()
    lengths = path_lengths(generator(z), z, noise)
    for length, one, y in zip(lengths, z, noise, strict=True):
        jacobian = torch.autograd.functional.jacobian(generator, one).reshape(12, 3)
        slow = (jacobian.T @ y.reshape(12) / 4**0.5).norm()  # four pixels
        torch.testing.assert_close(length, slow, rtol=1e-10, atol=0)


def test_it_can_be_differentiated_by_the_weights_also_where_it_is_zero():
    weight = torch.zeros(2, 2, requires_grad=True)
    z = torch.randn(4, 2, requires_grad=True)
    lengths = path_lengths(z @ weight, z, torch.ones(4, 2))
    (gradient,) = torch.autograd.grad((lengths - 1).square().mean(), weight)
    assert gradient.isfinite().all()
    weight = torch.tensor([[2.0, 0.0], [0.0, 2.0]], requires_grad=True)
    path_lengths(z @ weight, z, torch.tensor([1.0, 0.0]).expand(4, 2)).mean().backward()
    torch.testing.assert_close(weight.grad, torch.tensor([[1.0, 0.0], [0.0, 0.0]]))


def test_samples_must_have_a_graph():
    with pytest.raises(RuntimeError, match="have no graph to the latents"):
        path_lengths(torch.zeros(2, 2), torch.zeros(2, 2), torch.zeros(2, 2))
