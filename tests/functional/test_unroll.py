"""Differentiable optimizer steps against torch's own, and their derivatives against finite differences."""

import copy

import pytest
import torch
from torch import nn

from gan_lightning.functional import LookAhead, adam_step, sgd_step, swapped

SETTINGS = [
    (torch.optim.SGD, {"lr": 0.1}),
    (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "weight_decay": 0.1}),
    (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (torch.optim.Adam, {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.1}),
    (torch.optim.Adam, {"lr": 0.1, "betas": (0.0, 0.9), "eps": 1e-2, "fused": True}),
    (torch.optim.AdamW, {"lr": 0.1, "weight_decay": 0.2}),
]


@pytest.mark.parametrize("warm_up", [0, 3])
@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_it_goes_where_the_optimizer_goes(kind, settings, warm_up):
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    optimizer = kind(net.parameters(), **settings)

    def update(x):
        optimizer.zero_grad()
        net(x).square().mean().backward()
        optimizer.step()

    for x in torch.randn(warm_up, 8, 3).double():
        update(x)
    before = copy.deepcopy(optimizer.state_dict())
    ahead = LookAhead(optimizer)
    inputs = torch.randn(3, 8, 3).double()
    for x in inputs:
        with swapped(net, dict(zip(ahead.originals, ahead.params, strict=True))):
            loss = net(x).square().mean()
        ahead.step(torch.autograd.grad(loss, ahead.params, create_graph=True))
    assert str(optimizer.state_dict()) == str(before)
    for x in inputs:
        update(x)
    for reached, p in zip(ahead.params, net.parameters(), strict=True):
        torch.testing.assert_close(reached, p, rtol=0, atol=1e-12)
        assert reached.grad_fn is not None


def test_derivatives_of_adam_are_exact():
    param, gradient, mean = torch.randn(3, 4, dtype=torch.float64, requires_grad=True).unbind()
    square = torch.rand(4, dtype=torch.float64)

    def step(param, gradient, mean):
        settings = {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}
        return adam_step(param, gradient, (mean, square), 3, **settings)[0]

    assert torch.autograd.gradcheck(step, (param, gradient, mean))


def test_derivatives_of_sgd_are_exact():
    param, gradient, velocity = torch.randn(3, 4, dtype=torch.float64, requires_grad=True).unbind()

    def step(param, gradient, velocity):
        return sgd_step(param, gradient, velocity, lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True)[0]

    assert torch.autograd.gradcheck(step, (param, gradient, velocity))


def test_a_parameter_that_never_moved_has_a_finite_derivative():
    zero = torch.zeros(2)
    gradient = torch.zeros(2, requires_grad=True)
    param, _ = adam_step(zero, gradient, (zero, zero), 1, lr=0.1, betas=(0.5, 0.9), eps=1e-8)
    (slope,) = torch.autograd.grad(param.sum(), gradient)
    assert slope.isfinite().all()


def test_a_parameter_without_a_gradient_stays():
    a, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    ahead = LookAhead(torch.optim.SGD([a, b], lr=0.25))
    ahead.step([None, torch.ones(1)])
    assert [p.item() for p in ahead.params] == [1.0, 0.75]
