"""Exchanged tensors are used everywhere and always put back."""

import pytest
import torch
from torch import nn

from gan_lightning.functional import swapped


def test_shared_tensors_are_exchanged_in_all_places():
    one, two = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    two.weight = one.weight
    net = nn.Sequential(one, two)
    with swapped(net, {one.weight: 3 * torch.eye(2)}):
        torch.testing.assert_close(net(torch.ones(1, 2)), torch.full((1, 2), 9.0))
    assert one.weight is two.weight
    assert isinstance(one.weight, nn.Parameter)


def test_buffers_change_in_the_copy_only():
    norm = nn.BatchNorm1d(2)
    copy = norm.running_mean.clone()
    with swapped(norm, {norm.running_mean: copy}):
        norm(torch.randn(8, 2) + 5)
    assert norm.running_mean.eq(0).all()
    assert copy.ne(0).all()


def test_an_error_inside_puts_them_back():
    layer = nn.Linear(2, 2)
    own = layer.weight
    with pytest.raises(RuntimeError, match="inside"), swapped(layer, {own: torch.zeros(2, 2)}):
        raise RuntimeError("inside")
    assert layer.weight is own


def test_gradients_flow_into_what_was_exchanged():
    layer = nn.Linear(2, 1, bias=False)
    other = torch.ones(1, 2, requires_grad=True)
    with swapped(layer, {layer.weight: other * 2}):
        layer(torch.ones(1, 2)).sum().backward()
    assert layer.weight.grad is None
    torch.testing.assert_close(other.grad, torch.full((1, 2), 2.0))
