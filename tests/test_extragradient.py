"""ExtraAdam against the algorithm, written out by hand."""

import copy

import pytest
import torch
from helpers import fit, make, points, weights
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from gan_lightning.extragradient import ExtraAdam


def test_it_is_the_algorithm_written_out():
    lr, beta1, beta2, eps = 0.1, 0.5, 0.9, 1e-8
    p = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimizer = ExtraAdam([p], lr=lr, betas=(beta1, beta2), eps=eps)
    by_hand, mean, square = p.detach().clone(), torch.zeros(2).double(), torch.zeros(2).double()
    origin = by_hand
    for call in range(1, 7):
        loss = (p**4).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        gradient = 4 * by_hand**3
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        move = lr * (mean / (1 - beta1**call)) / ((square / (1 - beta2**call)).sqrt() + eps)
        if call % 2:
            origin = by_hand
        by_hand = origin - move
        torch.testing.assert_close(p.detach(), by_hand, rtol=0, atol=1e-12)


def test_a_saved_state_goes_on_between_the_two_calls():
    p = nn.Parameter(torch.ones(3))
    optimizer = ExtraAdam([p], lr=0.1, weight_decay=0.1)

    def call(p, optimizer):
        p.grad = p.detach() ** 3
        optimizer.step()

    call(p, optimizer)
    twin = nn.Parameter(p.detach().clone())
    other = ExtraAdam([twin], lr=0.3)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for _ in range(3):
        call(p, optimizer)
        call(twin, other)
    assert torch.equal(p, twin)


def test_a_closure_and_a_parameter_without_gradient():
    a, b = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    a.grad = torch.ones(1)
    assert ExtraAdam([a, b], lr=0.1).step(lambda: 3.0) == 3.0
    assert a.item() < 1
    assert b.item() == 1


def test_both_players_train_with_it_and_the_state_loads_safely(tmp_path):
    def run(epochs, ckpt_path=None):
        gan = make(optimizer_d=ExtraAdam, optimizer_g=ExtraAdam)
        return fit(gan, points(batches=3), max_epochs=epochs, ckpt_path=ckpt_path), weights(gan)

    _, straight = run(2)
    first, _ = run(1)
    first.save_checkpoint(tmp_path / "half.ckpt")
    _, resumed = run(2, tmp_path / "half.ckpt")
    assert torch.equal(straight, resumed)


class Operations(TorchDispatchMode):
    """Counts what reaches the device."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += 1
        return func(*args, **(kwargs or {}))


def several(n, **arguments):
    params = [nn.Parameter(torch.randn(3, 2)) for _ in range(n)]
    for p in params:
        p.grad = torch.randn(3, 2)
    optimizer = ExtraAdam(params, **arguments)
    optimizer.step()
    return params, optimizer


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_all_parameters_move_in_one_go(weight_decay):
    def operations(n):
        _, optimizer = several(n, weight_decay=weight_decay)
        with Operations() as seen:
            optimizer.step()
        return seen.count

    assert operations(2) == operations(20)


def test_weight_decay_pulls_at_the_point_where_the_gradient_is_from():
    (p,), optimizer = several(1, lr=0.1, betas=(0.0, 0.0), weight_decay=0.5)
    ahead, origin = p.detach().clone(), optimizer.state[p]["origin"].clone()
    optimizer.step()
    torch.testing.assert_close(p.detach(), origin - 0.1 * (p.grad + 0.5 * ahead).sign())


def test_parameters_that_missed_a_call_keep_their_own_time():
    params, optimizer = several(3, lr=0.1)
    alone = nn.Parameter(params[0].detach().clone())
    other = ExtraAdam([alone], lr=0.1)
    saved = copy.deepcopy(optimizer.state_dict())
    saved["param_groups"][0]["params"] = [0]
    other.load_state_dict({"state": {0: saved["state"][0]}, "param_groups": saved["param_groups"]})
    gradient, params[0].grad = params[0].grad, None
    optimizer.step()
    params[0].grad, alone.grad = gradient, gradient.clone()
    for _ in range(3):
        optimizer.step()
        other.step()
        assert torch.equal(params[0], alone)


def test_the_iterate_is_in_reach_between_the_calls():
    (p,), optimizer = several(1, lr=0.1)
    ahead, origin = p.detach().clone(), optimizer.state[p]["origin"].clone()
    assert not torch.equal(ahead, origin)
    with optimizer.at_iterate():
        assert torch.equal(p, origin)
    assert torch.equal(p, ahead)
    with pytest.raises(ZeroDivisionError), optimizer.at_iterate():
        _ = 1 / 0
    assert torch.equal(p, ahead)
    optimizer.step()
    updated = p.detach().clone()
    with optimizer.at_iterate():
        assert torch.equal(p, updated)
    assert torch.equal(p, updated)


@pytest.mark.parametrize("arguments", [{"lr": -1.0}, {"betas": (0.5, 1.0)}, {"eps": -1.0}, {"weight_decay": -1.0}])
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected lr, eps and weight_decay >= 0 and betas in"):
        ExtraAdam([nn.Parameter(torch.ones(1))], **arguments)
