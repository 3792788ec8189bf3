"""Conditional batch norm against one batch norm per class."""

import copy

import pytest
import torch
from torch import nn

from gan_lightning.layers import ConditionalBatchNorm1d, ConditionalBatchNorm2d

KINDS = [(ConditionalBatchNorm1d, nn.BatchNorm1d, (6, 4)), (ConditionalBatchNorm2d, nn.BatchNorm2d, (6, 4, 3, 2))]
LABEL = torch.tensor([0, 2, 1, 2, 0, 2])


@pytest.mark.parametrize(("kind", "plain", "shape"), KINDS)
def test_starts_as_batch_norm(kind, plain, shape):
    layer, other = kind(4, 3), plain(4)
    for _ in range(2):
        x = 3 + 2 * torch.randn(shape)
        torch.testing.assert_close(layer(x, LABEL), other(x))
    torch.testing.assert_close(layer.eval()(x, LABEL), other.eval()(x))


@pytest.mark.parametrize(("kind", "plain", "shape"), KINDS)
def test_each_sample_gets_its_classes_gain_and_bias(kind, plain, shape):
    layer, x = kind(4, 3).double(), torch.randn(shape, dtype=torch.float64)
    nn.init.normal_(layer.gain.weight)
    nn.init.normal_(layer.bias.weight)
    out = layer(x, LABEL)
    axes = [axis for axis in range(x.ndim) if axis != 1]
    for channel in range(4):
        mean = x.mean(axes)[channel]
        variance = (x[:, channel] - mean).square().mean()
        for n, label in enumerate(LABEL.tolist()):
            hat = (x[n, channel] - mean) / (variance + 1e-5).sqrt()
            expected = layer.gain.weight[label, channel] * hat + layer.bias.weight[label, channel]
            torch.testing.assert_close(out[n, channel], expected, rtol=1e-10, atol=1e-10)


def test_a_class_trains_its_own_row():
    layer = ConditionalBatchNorm1d(4, 3)
    layer(torch.randn(4, 4), torch.tensor([0, 2, 2, 0])).square().sum().backward()
    assert layer.gain.weight.grad.any(1).tolist() == [True, False, True]


def test_state_and_copies():
    layer, x = ConditionalBatchNorm2d(4, 3), torch.randn(6, 4, 2, 2)
    nn.init.normal_(layer.gain.weight)
    layer(x, LABEL)
    layer.eval()
    other = ConditionalBatchNorm2d(4, 3).eval()
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x, LABEL), layer(x, LABEL))
    assert torch.equal(copy.deepcopy(layer)(x, LABEL), layer(x, LABEL))


def test_half_precision_stays_half():
    layer = ConditionalBatchNorm1d(4, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(6, 4).bfloat16(), LABEL).dtype == torch.bfloat16


@pytest.mark.parametrize("wrong", ["num_features", "num_classes"])
def test_sizes_are_positive(wrong):
    with pytest.raises(ValueError, match=f"{wrong} is 0, expected at least 1"):
        ConditionalBatchNorm1d(**{"num_features": 4, "num_classes": 3, wrong: 0})


@pytest.mark.parametrize(
    ("label", "error", "match"),
    [
        (torch.tensor([0, 1, 3]), ValueError, "range from 0 to 3, expected 0 to 2"),
        (torch.tensor([0, 1, -1]), ValueError, "range from -1 to 1"),
        (torch.tensor([0, 1]), ValueError, r"shape \(2,\), expected \(3,\)"),
        (torch.tensor([[0], [1], [2]]), ValueError, r"shape \(3, 1\), expected \(3,\)"),
        (torch.tensor([0.0, 1.0, 2.0]), TypeError, "torch.float32, expected class indices"),
    ],
)
def test_wrong_labels(label, error, match):
    with pytest.raises(error, match=match):
        ConditionalBatchNorm1d(4, 3)(torch.randn(3, 4), label)


def test_wrong_features():
    with pytest.raises(ValueError, match=r"got shape \(6, 5\), expected 4 channels"):
        ConditionalBatchNorm1d(4, 3)(torch.randn(6, 5), LABEL)
