"""The convolutional pair: every size, the ladder of levels, initialisation, normalisation, settings."""

import pytest
import torch
from torch import nn

from gan_lightning.networks import DCGANDiscriminator, DCGANGenerator

SIDES = [8, 9, 12, 16, 28, 31, 32, 64, 128]
NORMS = ["none", "batch", "layer", "spectral"]


def pair(shape, num_classes=0, width=2, **settings):
    g = DCGANGenerator(3, shape, num_classes, width=width, **settings)
    return g, DCGANDiscriminator(shape, num_classes, width=width, **settings)


def convolutions(net):
    return [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


@pytest.mark.parametrize("shape", [(c, n, n) for n in SIDES for c in (1, 3, 5)] + [(3, 8, 12), (1, 12, 8), (2, 9, 100)])
def test_every_size(shape):
    g, d = pair(shape)
    x = g(torch.randn(2, 3))
    logits, features, _ = d(x)
    assert x.shape == (2, *shape)
    assert x.abs().max() <= 1
    assert logits.shape == (2,)
    assert features.shape == (2, d.output.in_features)


def test_all_sides_up_to_128():
    for side in range(8, 129):
        g, d = pair((1, side, 8), width=1, norm="none")
        x = g(torch.randn(1, 3))
        assert x.shape == (1, 1, side, 8)
        assert d(x).logits.shape == (1,)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("num_classes", [0, 4])
def test_everything_trains(norm, num_classes):
    g, d = pair((3, 9, 12), num_classes, norm=norm, dropout=0.1)
    label = torch.tensor([0, 1, 2, 3, 0, 1]) if num_classes else None
    d(g(torch.randn(6, 3), label), label).logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for net in (g, d) for p in net.parameters())


@pytest.mark.parametrize(
    ("side", "sizes"), [(64, [32, 16, 8, 4]), (28, [14, 7, 4]), (31, [16, 8, 4]), (9, [5, 3]), (8, [4])]
)
def test_ladder_halves_to_at_most_four_pixels(side, sizes):
    seen = {"g": [], "d": []}
    g, d = pair((1, side, side))
    for name, net in (("g", g), ("d", d)):
        for conv in convolutions(net):
            conv.register_forward_hook(lambda _, __, out, seen=seen[name]: seen.append(tuple(out.shape[2:])))
    d(g(torch.randn(2, 3)))
    assert seen["d"] == [(n, n) for n in sizes]
    assert seen["g"] == [(n, n) for n in [*sizes[-2::-1], side]]


def test_a_short_side_waits_for_the_long_one():
    g, d = pair((1, 8, 64))
    sizes = []
    for conv in convolutions(d):
        conv.register_forward_hook(lambda _, __, out: sizes.append(tuple(out.shape[2:])))
    d(g(torch.randn(2, 3)))
    assert sizes == [(4, 32), (4, 16), (4, 8), (4, 4)]


def test_channels_double_to_eight_times_the_width():
    g, d = pair((3, 128, 128), width=2)
    assert [c.out_channels for c in convolutions(d)] == [2, 4, 8, 16, 16]
    assert [c.in_channels for c in convolutions(g)] == [16, 16, 8, 4, 2]
    assert [c.out_channels for c in convolutions(g)] == [16, 8, 4, 2, 3]


def test_64_pixels_have_the_papers_parameters():
    """100 -> 4 x 4 x 1024 -> 512 -> 256 -> 128 -> 3 with 4 x 4 kernels, figure 1 (the paper's kernels are 5 x 5)."""
    g = DCGANGenerator(100, (3, 64, 64), width=128)
    channels = [1024, 512, 256, 128]
    weights = 100 * 1024 * 16 + 16 * sum(a * b for a, b in zip(channels, [512, 256, 128, 3], strict=True))
    assert sum(p.numel() for p in g.parameters()) == weights + 2 * sum(channels) + 3


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_where_the_norms_and_the_biases_are(norm):
    g, d = pair((3, 32, 32), norm=norm)
    kind = nn.BatchNorm2d if norm == "batch" else nn.GroupNorm
    assert sum(isinstance(m, kind) for m in g.modules()) == 3  # the projection, and all convolutions but the last
    assert sum(isinstance(m, kind) for m in d.modules()) == 2  # all convolutions but the first
    assert [c.bias is not None for c in convolutions(g)] == [False, False, True]
    assert [c.bias is not None for c in convolutions(d)] == [True, False, False]
    assert isinstance(list(g.layers)[-1], nn.Tanh)
    assert isinstance(list(d.layers)[1], nn.LeakyReLU)


def test_weights_start_as_in_the_paper():
    torch.manual_seed(0)
    for net in pair((3, 32, 32), width=32):
        for module in net.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                assert module.weight.std().item() == pytest.approx(0.02, rel=0.05)
                assert module.bias is None or not module.bias.any()
            if isinstance(module, nn.BatchNorm2d):
                assert module.weight.mean().item() == pytest.approx(1.0, abs=0.02)
                assert module.weight.std().item() == pytest.approx(0.02, rel=0.5)


def test_spectral_norm_acts_on_every_layer():
    for net, inputs in zip(
        pair((3, 16, 16), norm="spectral"), (torch.randn(4, 3), torch.randn(4, 3, 16, 16)), strict=True
    ):
        with torch.no_grad():
            for p in net.parameters():
                p.mul_(100)
        for _ in range(40):
            net(inputs)
        layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)]
        assert len(layers) == 3
        for layer in layers:
            rows = layer.weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else layer.weight
            assert torch.linalg.matrix_norm(rows.flatten(1), 2).item() == pytest.approx(1, abs=0.05)
            assert layer.bias is not None


def test_features_feed_the_last_layer():
    _, d = pair((1, 28, 28), width=4)
    logits, features, _ = d(torch.randn(3, 1, 28, 28))
    assert features.shape == (3, 16 * 4 * 4)
    torch.testing.assert_close(logits, (features @ d.output.weight.T + d.output.bias)[:, 0])


def test_penalties_can_be_differentiated():
    _, d = pair((1, 9, 9), norm="layer")
    x = torch.randn(2, 1, 9, 9, requires_grad=True)
    (gradient,) = torch.autograd.grad(d(x).logits.sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert d.output.weight.grad.abs().sum() > 0


def test_settings_are_attributes_and_lists_become_tuples():
    g, d = pair([3, 8, 12], 5)
    assert (g.latent_dim, g.shape, g.num_classes) == (3, (3, 8, 12), 5)
    assert (d.shape, d.num_classes) == ((3, 8, 12), 5)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"latent_dim": 0}, "latent_dim is 0"),
        ({"width": 0}, "width is 0"),
        ({"dropout": 1.5}, "dropout is 1.5"),
        ({"norm": "instance"}, "expected one of none, batch, layer, spectral"),
        ({"shape": (32, 32)}, r"\(32, 32\), expected \(C, H, W\)"),
        ({"shape": (3, 7, 8)}, "8 to 128"),
        ({"shape": (3, 8, 129)}, "8 to 128"),
        ({"shape": (0, 8, 8)}, r"shape is \(0, 8, 8\)"),
        ({"num_classes": -1}, "num_classes is -1"),
    ],
)
def test_wrong_settings(wrong, match):
    settings = {"latent_dim": 4, "shape": (1, 8, 8)} | wrong
    with pytest.raises(ValueError, match=match):
        DCGANGenerator(**settings)
    if "latent_dim" not in wrong:
        del settings["latent_dim"]
        with pytest.raises(ValueError, match=match):
            DCGANDiscriminator(**settings)


@pytest.mark.parametrize(("minibatch", "more"), [("discrimination", 100), ("stddev", 1)])
def test_the_last_layer_is_told_of_the_batch(minibatch, more):
    d, x = DCGANDiscriminator((1, 8, 8), width=2, norm="none", minibatch=minibatch), torch.randn((8, 1, 8, 8))
    said = d(x)
    assert d.output.in_features == d.num_features + more
    assert said.features.shape == (8, d.num_features)
    torch.testing.assert_close(said.logits, d.output(d.minibatch(said.features))[:, 0])
    alike = d(x[:1].expand_as(x)).logits  # the first sample, in the company of its copies
    assert (alike[0] - said.logits[0]).abs() > 1e-4


def test_without_minibatch_layer_there_is_no_trace_of_one():
    d = DCGANDiscriminator((1, 8, 8), width=2)
    assert d.output.in_features == d.num_features
    assert not any("minibatch" in name for name in d.state_dict())


def test_wrong_minibatch():
    with pytest.raises(ValueError, match="minibatch is 'std', expected one of none, discrimination, stddev"):
        DCGANDiscriminator((1, 8, 8), width=2, norm="none", minibatch="std")
