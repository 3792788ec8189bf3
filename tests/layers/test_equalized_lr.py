"""The equalized learning rate: scale of the weights, size of a step."""

import copy
from math import sqrt

import pytest
import torch
from torch import nn

from gan_lightning.layers import add_spectral_norm, equalize


@pytest.mark.parametrize(
    ("layer", "fan_in"),
    [
        (nn.Linear(50, 40), 50),
        (nn.Conv2d(16, 32, 3), 16 * 9),
        (nn.Conv2d(16, 32, 3, groups=4), 4 * 9),
        (nn.ConvTranspose2d(16, 32, 4, stride=2), 16 * 4),
        (nn.ConvTranspose2d(16, 32, 3, groups=2), 8 * 9),
    ],
)
def test_scale_is_hes(layer, fan_in):
    assert equalize(layer) == 1
    raw = layer.parametrizations.weight.original
    assert raw.std().item() == pytest.approx(1, rel=0.1)
    torch.testing.assert_close(layer.weight, raw * sqrt(2 / fan_in))
    assert not layer.bias.any()


def test_keeps_the_size_of_activations():
    """He's constant undoes the halving by a rectifier, whatever the widths."""
    net = nn.Sequential(*[m for sizes in ((512, 2048), (2048, 512)) for m in (nn.Linear(*sizes), nn.ReLU())])
    equalize(net)
    assert net(torch.randn(64, 512)).square().mean().item() == pytest.approx(1, rel=0.2)


def test_transposed_convolutions_keep_it_too():
    layer = nn.ConvTranspose2d(64, 64, 4, stride=2, padding=1)
    equalize(layer, gain=1.0)
    assert layer(torch.randn(4, 64, 16, 16)).var().item() == pytest.approx(1, rel=0.15)


def test_adam_moves_wide_and_narrow_layers_by_the_same_part():
    parts = []
    for width in (16, 1024):
        layer = nn.Linear(width, 8)
        equalize(layer)
        before = layer.weight.detach().clone()
        layer(torch.randn(4, width)).sum().backward()
        torch.optim.Adam(layer.parameters(), lr=0.01).step()
        parts.append(((layer.weight - before).norm() / before.norm()).item())
    assert parts == pytest.approx([0.01, 0.01], rel=0.1)


def test_parts_have_gains_of_their_own():
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    assert equalize(net[2], gain=1.0) == 1
    assert equalize(net) == 1
    torch.testing.assert_close(net[2].weight, net[2].parametrizations.weight.original * sqrt(1 / 8))
    torch.testing.assert_close(net[0].weight, net[0].parametrizations.weight.original * sqrt(2 / 8))


def test_state_and_copies():
    net, x = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)), torch.randn(3, 8)
    equalize(net)
    other = copy.deepcopy(net)
    assert torch.equal(other(x), net(x))
    fresh = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    equalize(fresh)
    fresh.load_state_dict(net.state_dict())
    assert torch.equal(fresh(x), net(x))


def test_wrong_settings():
    with pytest.raises(ValueError, match="gain is 0"):
        equalize(nn.Linear(2, 2), gain=0.0)
    with pytest.raises(ValueError, match="no layer for the equalized learning rate"):
        equalize(nn.ReLU())
    layer = nn.Linear(2, 2)
    add_spectral_norm(layer)
    with pytest.raises(ValueError, match="another parametrisation already"):
        equalize(layer)
