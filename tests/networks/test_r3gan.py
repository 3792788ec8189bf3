"""R3GAN's pair: sizes, blocks without normalisation that start as the identity, the filter, classes, settings."""

import pytest
import torch
from torch import nn

from gan_lightning.networks import R3GANDiscriminator, R3GANGenerator
from gan_lightning.networks.r3gan_blocks import Bottleneck, Downsample, FromVector, ToVector, Upsample

SIDES = [8, 16, 32, 64, 128]


def pair(shape, num_classes=0, width=8, **settings):
    g = R3GANGenerator(3, shape, num_classes, width=width, **settings)
    return g, R3GANDiscriminator(shape, num_classes, width=width, **settings)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", SIDES)
def test_every_size(side, channels):
    g, d = pair((channels, side, side), num_blocks=1)
    x = g(torch.randn(2, 3))
    critique = d(x)
    assert x.shape == (2, channels, side, side)
    assert critique.logits.shape == (2,)
    assert critique.features.shape == (2, d.num_features)


@pytest.mark.parametrize("num_classes", [0, 4])
def test_everything_trains(num_classes):
    g, d = pair((3, 16, 16), num_classes)
    label = torch.tensor([0, 1, 2, 3, 0, 1]) if num_classes else None
    for block in [m for net in (g, d) for m in net.modules() if isinstance(m, Bottleneck)]:
        nn.init.normal_(block.layers[-1].weight)  # at zero, it hides the layers before it
    d(g(torch.randn(6, 3), label), label).logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for net in (g, d) for p in net.parameters())


def test_no_layer_normalises_and_samples_are_judged_one_by_one():
    g, d = pair((3, 16, 16))
    known = nn.Conv2d | nn.Linear | nn.LeakyReLU
    leaves = [m for net in (g, d) for m in net.modules() if not list(m.children()) and list(m.parameters())]
    assert all(isinstance(m, known | FromVector) for m in leaves)
    x = torch.randn(4, 3, 16, 16)
    torch.testing.assert_close(d(x).logits[:1], d(x[:1]).logits)


def test_blocks_start_as_the_identity():
    block = Bottleneck(16, depth=4)
    x = torch.randn(2, 16, 4, 4)
    assert torch.equal(block(x), x)


def test_blocks_are_the_papers_bottleneck():
    """768 channels, inside 1536 in 96 groups: 1 x 1 up, grouped 3 x 3, 1 x 1 down."""
    first, _, middle, _, last = Bottleneck(768, depth=8).layers
    assert (first.in_channels, first.out_channels, first.kernel_size) == (768, 1536, (1, 1))
    assert (middle.in_channels, middle.out_channels, middle.groups, middle.kernel_size) == (1536, 1536, 96, (3, 3))
    assert (last.in_channels, last.out_channels, last.kernel_size, last.bias) == (1536, 768, (1, 1), None)


def test_weights_are_the_smaller_the_deeper_the_network():
    """Standard deviation sqrt(2 / (1.04 fan_in)) * L^(-1/4) for L blocks of three layers."""
    torch.manual_seed(0)
    first, _, middle, _, _ = Bottleneck(128, depth=16).layers
    for layer, fan_in in ((first, 128), (middle, 16 * 9)):
        assert layer.weight.std().item() == pytest.approx((2 / 1.04 / fan_in) ** 0.5 / 2, rel=0.05)


def test_downsampling_is_the_filter_1_2_1():
    x = torch.randn(2, 3, 6, 6)
    weights = [0.25, 0.5, 0.25]
    slow = torch.zeros(2, 3, 3, 3)
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1))
    for i in range(3):
        for j in range(3):
            slow += weights[i] * weights[j] * padded[:, :, i : i + 6 : 2, j : j + 6 : 2]
    torch.testing.assert_close(Downsample(3, 3)(x), slow)


def test_upsampling_interpolates():
    x = torch.randn(2, 3, 4, 4)
    y = Upsample(3, 3)(x)
    torch.testing.assert_close(y[:, :, ::2, ::2], x)
    torch.testing.assert_close(y[:, :, 1:-1:2, ::2], (x[:, :, :-1] + x[:, :, 1:]) / 2)
    torch.testing.assert_close(y[:, :, ::2, 1:-1:2], (x[:, :, :, :-1] + x[:, :, :, 1:]) / 2)


def test_the_ends_are_scaled_maps_and_learned_filters():
    start, end = FromVector(5, 3), ToVector(3)
    z, x = torch.randn(2, 5), torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(start(z), torch.einsum("nk,ck,chw->nchw", z, start.scales.weight, start.maps))
    torch.testing.assert_close(end(x), torch.einsum("nchw,chw->nc", x, end.filters.weight[:, 0]))


def test_channels_are_halved_beyond_32_pixels():
    g, d = pair((3, 128, 128), width=32, num_blocks=1)
    inside = [[m.layers[0].in_channels for m in net.modules() if isinstance(m, Bottleneck)] for net in (g, d)]
    assert inside == [[32, 32, 32, 32, 16, 8], [8, 16, 32, 32, 32, 32]]


def test_the_class_is_told_by_a_projection():
    _, d = pair((3, 16, 16), num_classes=5)
    x, label = torch.randn(4, 3, 16, 16), torch.tensor([0, 4, 4, 2])
    critique = d(x, label)
    slow = [d.embedding.weight[k] @ d.output.weight @ h for k, h in zip(label, critique.features, strict=True)]
    torch.testing.assert_close(critique.logits, torch.stack(slow))


def test_the_input_gradient_can_be_differentiated():
    _, d = pair((1, 8, 8), num_blocks=1)
    x = torch.randn(2, 1, 8, 8, requires_grad=True)
    for block in [m for m in d.modules() if isinstance(m, Bottleneck)]:
        nn.init.normal_(block.layers[-1].weight, std=0.1)
    (gradient,) = torch.autograd.grad(d(x).logits.sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert all(block.layers[0].weight.grad.isfinite().all() for block in d.modules() if isinstance(block, Bottleneck))


@pytest.mark.parametrize("shape", [(3, 16, 32), (3, 28, 28), (3, 256, 256), (3, 4, 4), (2,)])
def test_shapes_that_do_not_fit(shape):
    for build in (lambda: R3GANGenerator(3, shape), lambda: R3GANDiscriminator(shape)):
        with pytest.raises(ValueError, match="shape is"):
            build()


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"width": 0}, "width"), ({"num_blocks": 0}, "num_blocks"), ({"num_classes": -1}, "num_classes"),
     ({"width": 28}, "3 groups cannot share: choose a width")],
)  # fmt: skip
def test_settings_out_of_range(settings, words):
    with pytest.raises(ValueError, match=words):
        R3GANGenerator(3, (1, 16, 16), **settings)
    with pytest.raises(ValueError, match=words):
        R3GANDiscriminator((1, 16, 16), **settings)


def test_labels_are_wanted_or_not():
    x, label = torch.randn(2, 1, 16, 16), torch.tensor([0, 1])
    with pytest.raises(ValueError, match="num_classes=2 and got no labels"):
        pair((1, 16, 16), num_classes=2)[1](x)
    with pytest.raises(ValueError, match="num_classes=0 and got labels"):
        pair((1, 16, 16))[1](x, label)
