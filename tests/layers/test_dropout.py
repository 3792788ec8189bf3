"""The dropout switch."""

import pytest
import torch
from torch import nn

from gan_lightning.layers import set_dropout
from gan_lightning.networks import MLPDiscriminator


def test_sets_every_layer_and_counts_them():
    net = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout2d(0.1), nn.AlphaDropout(0.3)), nn.Linear(2, 2))
    assert set_dropout(net, 0.25) == 3
    assert [net[0].p, net[1][0].p, net[1][1].p] == [0.25] * 3


def test_acts_at_once():
    d, x = MLPDiscriminator((2,), width=64, dropout=0.5), torch.randn(8, 2)
    set_dropout(d, 0.0)
    assert torch.equal(d(x).logits, d(x).logits)
    set_dropout(d, 0.9)
    assert (d(x).features == 0).float().mean().item() == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_out_of_range(p):
    with pytest.raises(ValueError, match=f"p is {p}, expected 0 <= p < 1"):
        set_dropout(nn.Dropout(), p)


def test_nothing_to_set():
    with pytest.raises(ValueError, match="MLPDiscriminator has no dropout layer to set: build it with dropout > 0"):
        set_dropout(MLPDiscriminator((2,)), 0.5)
