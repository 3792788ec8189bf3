"""The perceptrons: shapes, ranges, depth, normalisation, settings."""

import pytest
import torch
from torch import nn

from gan_lightning.networks import MLPDiscriminator, MLPGenerator

NORMS = ["none", "batch", "layer", "spectral"]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", [(2,), (3, 5), (1, 6, 4)])
@pytest.mark.parametrize("num_classes", [0, 3])
def test_shapes(shape, norm, num_classes):
    label = torch.tensor([0, 1, 2, 0]) if num_classes else None
    g = MLPGenerator(5, shape, num_classes, width=8, norm=norm, dropout=0.1)
    d = MLPDiscriminator(shape, num_classes, width=8, norm=norm, dropout=0.1)
    x = g(torch.randn(4, 5), label)
    logits, features, _ = d(x, label)
    assert x.shape == (4, *shape)
    assert logits.shape == (4,)
    assert features.shape == (4, 8)
    logits.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for net in (g, d) for p in net.parameters())


def test_images_are_bounded_and_vectors_are_not():
    z = 100 * torch.randn(64, 4)
    assert MLPGenerator(4, (1, 3, 3), width=8)(z).abs().max() <= 1
    assert MLPGenerator(4, (9,), width=8)(z).abs().max() > 1


@pytest.mark.parametrize("depth", [1, 3])
def test_depth_counts_the_hidden_layers(depth):
    for net in (MLPGenerator(4, (2,), width=8, depth=depth), MLPDiscriminator((2,), width=8, depth=depth)):
        widths = [m.out_features for m in net.modules() if isinstance(m, nn.Linear)]
        assert widths[:-1] == [8] * depth


def test_is_the_function_that_it_says():
    d = MLPDiscriminator((2,), width=4, depth=1)
    (hidden, output), x = (m for m in d.modules() if isinstance(m, nn.Linear)), torch.randn(3, 2)
    before = x @ hidden.weight.T + hidden.bias
    features = torch.where(before > 0, before, 0.2 * before)
    torch.testing.assert_close(d(x).features, features)
    torch.testing.assert_close(d(x).logits, (features @ output.weight.T + output.bias)[:, 0])


@pytest.mark.parametrize(("norm", "bias", "kind"), [("batch", False, nn.BatchNorm1d), ("layer", False, nn.LayerNorm)])
def test_no_bias_before_a_norm(norm, bias, kind):
    net = MLPGenerator(4, (2,), width=8, norm=norm)
    linear = [m for m in net.modules() if isinstance(m, nn.Linear)]
    assert [m.bias is not None for m in linear] == [bias, bias, True]
    assert sum(isinstance(m, kind) for m in net.modules()) == 2


def test_spectral_norm_bounds_the_slope():
    d = MLPDiscriminator((6,), width=16, depth=3, norm="spectral")
    with torch.no_grad():
        for p in d.parameters():
            p.mul_(30)
    for _ in range(30):
        d(torch.randn(4, 6))
    for linear in (m for m in d.modules() if isinstance(m, nn.Linear)):
        assert torch.linalg.matrix_norm(linear.weight, 2).item() == pytest.approx(1, abs=0.02)
        assert linear.bias is not None
    x = torch.randn(64, 6, requires_grad=True)
    (gradient,) = torch.autograd.grad(d(x).logits.sum(), x)
    assert gradient.norm(dim=1).max() < 1.1


def test_dropout_acts_in_training_only():
    d = MLPDiscriminator((2,), width=64, dropout=0.5)
    x = torch.randn(8, 2)
    assert not torch.equal(d(x).logits, d(x).logits)
    assert torch.equal(d.eval()(x).logits, d(x).logits)
    assert not any(isinstance(m, nn.Dropout) for m in MLPDiscriminator((2,)).modules())


def test_settings_are_attributes_and_lists_become_tuples():
    g, d = MLPGenerator(4, [1, 8, 8], 3, width=4), MLPDiscriminator([1, 8, 8], 3, width=4)
    assert (g.latent_dim, g.shape, g.num_classes) == (4, (1, 8, 8), 3)
    assert (d.shape, d.num_classes) == ((1, 8, 8), 3)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"latent_dim": 0}, "latent_dim is 0"),
        ({"width": 0}, "width is 0"),
        ({"depth": 0}, "depth is 0"),
        ({"dropout": 1.0}, r"dropout is 1.0, expected 0 <= dropout < 1"),
        ({"dropout": -0.1}, "dropout is -0.1"),
        ({"norm": "instance"}, "'instance', expected one of none, batch, layer, spectral"),
        ({"num_classes": -1}, "num_classes is -1"),
        ({"shape": ()}, r"shape is \(\)"),
        ({"shape": (3, 0)}, r"shape is \(3, 0\)"),
    ],
)
def test_wrong_settings(wrong, match):
    settings = {"latent_dim": 4, "shape": (2,)} | wrong
    with pytest.raises(ValueError, match=match):
        MLPGenerator(**settings)
    if "latent_dim" not in wrong:
        del settings["latent_dim"]
        with pytest.raises(ValueError, match=match):
            MLPDiscriminator(**settings)


@pytest.mark.parametrize(("minibatch", "more"), [("discrimination", 100), ("stddev", 1)])
def test_the_last_layer_is_told_of_the_batch(minibatch, more):
    d, x = MLPDiscriminator((2,), width=8, minibatch=minibatch), torch.randn((8, 2))
    said = d(x)
    assert d.output.in_features == d.num_features + more
    assert said.features.shape == (8, d.num_features)
    torch.testing.assert_close(said.logits, d.output(d.minibatch(said.features))[:, 0])
    alike = d(x[:1].expand_as(x)).logits  # the first sample, in the company of its copies
    assert (alike[0] - said.logits[0]).abs() > 1e-4


def test_without_minibatch_layer_the_weights_are_drawn_as_ever():
    torch.manual_seed(0)
    d = MLPDiscriminator((2,), width=8)
    torch.manual_seed(0)
    drawn = [nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)]
    expected = [p for layer in drawn for p in layer.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(d.parameters(), expected, strict=True))


def test_wrong_minibatch():
    with pytest.raises(ValueError, match="minibatch is 'std', expected one of none, discrimination, stddev"):
        MLPDiscriminator((2,), width=8, minibatch="std")
