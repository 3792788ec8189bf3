"""SNGAN's residual pair: sizes, table 4 of the paper, the block's formula, classes, normalisation, settings."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_lightning.layers import ConditionalBatchNorm2d
from gan_lightning.networks import ResNetDiscriminator, ResNetGenerator
from gan_lightning.networks.resnet_blocks import Down, Same, Up

SIDES = [8, 16, 32, 64, 128]
NORMS = ["none", "batch", "layer", "spectral"]


def pair(shape, num_classes=0, width=4, **settings):
    g = ResNetGenerator(3, shape, num_classes, width=width, **settings)
    return g, ResNetDiscriminator(shape, num_classes, width=width, **settings)


def convolutions(net):
    return [m for m in net.modules() if isinstance(m, nn.Conv2d)]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", SIDES)
def test_every_size(side, channels):
    g, d = pair((channels, side, side))
    x = g(torch.randn(2, 3))
    critique = d(x)
    assert x.shape == (2, channels, side, side)
    assert x.abs().max() <= 1
    assert critique.logits.shape == (2,)
    assert critique.features.shape == (2, d.num_features)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("num_classes", [0, 4])
def test_everything_trains(norm, num_classes):
    g, d = pair((3, 16, 16), num_classes, norm=norm)
    label = torch.tensor([0, 1, 2, 3, 0, 1]) if num_classes else None
    d(g(torch.randn(6, 3), label), label).logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for net in (g, d) for p in net.parameters())


def test_32_pixels_are_table_4():
    """G: dense 4 x 4 x 256, three up-blocks, norm, 3 x 3 conv. D: two down-blocks, two blocks, sum, dense."""
    g, d = ResNetGenerator(128, (3, 32, 32), norm="none"), ResNetDiscriminator((3, 32, 32), norm="none")

    def conv(inputs, outputs, kernel=3):
        return outputs * (inputs * kernel**2 + 1)

    up = 2 * conv(256, 256) + conv(256, 256, 1)
    assert count(g) == 129 * 4096 + 3 * up + conv(256, 3)
    first = conv(3, 128) + conv(128, 128) + conv(3, 128, 1)
    down, same = 2 * conv(128, 128) + conv(128, 128, 1), 2 * conv(128, 128)
    assert count(d) == first + down + 2 * same + 129


def count(net):
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(
    ("side", "downs", "channels"),
    [(8, 1, [8]), (16, 1, [8]), (32, 2, [8, 8]), (64, 3, [4, 8, 8]), (128, 4, [2, 4, 8, 8])],
)
def test_levels_of_the_discriminator(side, downs, channels):
    d = ResNetDiscriminator((3, side, side), width=8)
    blocks = [block for block in d.blocks if isinstance(block, Down)]
    assert len(blocks) == downs
    assert [block.shortcut.out_channels for block in blocks] == channels
    assert sum(isinstance(block, Same) for block in d.blocks) == 2


def test_features_are_sums_over_pixels_of_what_is_rectified():
    _, d = pair((3, 16, 16))
    x = torch.randn(4, 3, 16, 16)
    d.eval()
    maps = x
    for block in list(d.blocks)[:-1]:
        maps = block(maps)
    expected = maps.clamp(min=0).flatten(2).sum(2)
    critique = d(x)
    torch.testing.assert_close(critique.features, expected)
    torch.testing.assert_close(critique.logits, expected @ d.output.weight[0] + d.output.bias)


def test_up_block_is_figure_9():
    block = Up(3, 2, "batch", 0)
    x = torch.randn(5, 3, 4, 4)
    (norm1,), (norm2,) = block.norm1, block.norm2
    inner = block.conv1(F.interpolate(norm1(x).relu(), scale_factor=2))
    slow = block.conv2(norm2(inner).relu()) + block.shortcut(F.interpolate(x, scale_factor=2))
    torch.testing.assert_close(block(x, None), slow)


@pytest.mark.parametrize("first", [True, False])
def test_down_block_is_figure_9(first):
    block = Down(3, 2, "none", first=first)
    x = torch.randn(5, 3, 4, 4)
    conv1, conv2 = convolutions(block.inner)
    inner = conv2(conv1(x if first else x.relu()).relu())
    torch.testing.assert_close(block(x), F.avg_pool2d(inner + block.shortcut(x), 2))


def test_projection_adds_the_inner_product_with_the_classes_embedding():
    _, d = pair((3, 16, 16), num_classes=5)
    d.eval()
    x, label = torch.randn(4, 3, 16, 16), torch.tensor([0, 4, 4, 2])
    critique = d(x, label)
    plain = critique.features @ d.output.weight[0] + d.output.bias
    slow = torch.stack([d.embedding.weight[k] @ h for k, h in zip(label, critique.features, strict=True)])
    torch.testing.assert_close(critique.logits, plain + slow)


def test_classes_reach_the_generator():
    for norm, conditional in (("batch", 2 * 2 + 1), ("none", 0)):
        g = ResNetGenerator(3, (1, 16, 16), 4, width=4, norm=norm)
        assert sum(isinstance(m, ConditionalBatchNorm2d) for m in g.modules()) == conditional
        for module in g.modules():
            if isinstance(module, ConditionalBatchNorm2d):  # all classes start alike
                nn.init.normal_(module.gain.weight)
        g.eval()
        z = torch.randn(1, 3)
        one, two = (g(z, torch.tensor([k])) for k in (0, 1))
        assert not torch.equal(one, two)


def test_spectral_norm_acts_on_every_layer():
    for net, inputs in zip(
        pair((3, 16, 16), norm="spectral"), (torch.randn(4, 3), torch.randn(4, 3, 16, 16)), strict=True
    ):
        with torch.no_grad():
            for p in net.parameters():
                p.mul_(100)
        for _ in range(60):
            net(inputs)
        for module in net.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                assert torch.linalg.matrix_norm(module.weight.flatten(1), 2).item() == pytest.approx(1.0, abs=0.05)


def test_spectral_norm_acts_on_the_classes():
    d = ResNetDiscriminator((3, 16, 16), 5, width=4)
    with torch.no_grad():
        d.embedding.parametrizations.weight.original.mul_(100)
    for _ in range(60):
        d(torch.randn(2, 3, 16, 16), torch.tensor([0, 1]))
    assert torch.linalg.matrix_norm(d.embedding.weight, 2).item() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("shape", [(3, 16, 32), (3, 28, 28), (3, 256, 256), (3, 4, 4), (2,)])
def test_shapes_that_do_not_fit(shape):
    for build in (lambda: ResNetGenerator(3, shape), lambda: ResNetDiscriminator(shape)):
        with pytest.raises(ValueError, match="shape is"):
            build()


@pytest.mark.parametrize("settings", [{"width": 0}, {"norm": "instance"}, {"num_classes": -1}])
def test_settings_out_of_range(settings):
    (name,) = settings
    with pytest.raises(ValueError, match=name):
        ResNetGenerator(3, (1, 16, 16), **settings)
    with pytest.raises(ValueError, match=name):
        ResNetDiscriminator((1, 16, 16), **settings)


def test_labels_are_wanted_or_not():
    x, z, label = torch.randn(2, 1, 16, 16), torch.randn(2, 3), torch.tensor([0, 1])
    g, d = pair((1, 16, 16), num_classes=2)
    for call in (lambda: g(z), lambda: d(x)):
        with pytest.raises(ValueError, match="num_classes=2 and got no labels"):
            call()
    g, d = pair((1, 16, 16))
    for call in (lambda: g(z, label), lambda: d(x, label)):
        with pytest.raises(ValueError, match=r"num_classes=0 and got labels of shape \(2,\)"):
            call()
