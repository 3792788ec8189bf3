"""Virtual batch norm against loops over single numbers, written from the paper and the authors' weighting."""

import itertools
import math

import pytest
import torch
from torch import nn

from gan_lightning.layers import (
    ConditionalBatchNorm2d,
    Referenced,
    VirtualBatchNorm1d,
    VirtualBatchNorm2d,
    convert_batchnorm_to_virtual,
)

SHAPES = {"vectors": (VirtualBatchNorm1d, (3,)), "sequences": (VirtualBatchNorm1d, (3, 4)),
          "images": (VirtualBatchNorm2d, (3, 2, 4))}  # fmt: skip


def numbers(sample, channel):
    """All numbers of one channel of one sample."""
    return torch.atleast_1d(sample[channel]).flatten().tolist()


def slow(reference, x, gain, bias, eps=1e-5):
    """Mean and mean square of each channel: 1/(N+1) from the sample, N/(N+1) from the reference."""
    out, share = x.clone(), 1 / (len(reference) + 1)
    for i, channel in itertools.product(range(len(x)), range(x.shape[1])):
        past = [value for sample in reference for value in numbers(sample, channel)]
        own = numbers(x[i], channel)
        mean = share * sum(own) / len(own) + (1 - share) * sum(past) / len(past)
        square = share * sum(v * v for v in own) / len(own) + (1 - share) * sum(v * v for v in past) / len(past)
        scale = gain[channel] / math.sqrt(square - mean**2 + eps)
        out[i, channel] = (x[i, channel] - mean) * scale + bias[channel]
    return out


def layer_with_reference(cls, shape, count=5, **arguments):
    layer = cls(3, **arguments).double()
    if layer.weight is not None:
        nn.init.normal_(layer.weight)
        nn.init.normal_(layer.bias)
    network = Referenced(nn.Sequential(layer))
    network.set_reference(1 + 2 * torch.randn(count, *shape, dtype=torch.float64))
    return network, layer


@pytest.mark.parametrize(("cls", "shape"), SHAPES.values(), ids=SHAPES)
def test_matches_a_loop_over_single_numbers(cls, shape):
    network, layer = layer_with_reference(cls, shape)
    x = torch.randn(4, *shape, dtype=torch.float64)
    expected = slow(network.reference[0], x, layer.weight.tolist(), layer.bias.tolist())
    torch.testing.assert_close(network(x), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("cls", "shape"), SHAPES.values(), ids=SHAPES)
def test_batch_mates_do_not_matter_in_any_mode(cls, shape):
    network, _ = layer_with_reference(cls, shape)
    x = torch.randn(6, *shape, dtype=torch.float64)
    whole = network(x)
    assert torch.equal(torch.cat([network(x[:1]), network(x[1:4]), network(x[4:])]), whole)
    assert torch.equal(network.eval()(x), whole)


@pytest.mark.parametrize(("cls", "shape"), SHAPES.values(), ids=SHAPES)
def test_the_reference_is_normalised_by_itself_as_batch_norm_does(cls, shape):
    layer = cls(3)
    reference = 1 + 2 * torch.randn(5, *shape)
    layer.reads_reference = True
    expected = nn.functional.batch_norm(reference, None, None, layer.weight, layer.bias, training=True, eps=1e-5)
    torch.testing.assert_close(layer(reference), expected)


def test_without_gain_and_bias():
    network, layer = layer_with_reference(VirtualBatchNorm2d, (3, 2, 2), affine=False, eps=0.1)
    x = torch.randn(4, 3, 2, 2, dtype=torch.float64)
    assert not list(layer.parameters())
    torch.testing.assert_close(network(x), slow(network.reference[0], x, [1, 1, 1], [0, 0, 0], eps=0.1))


def test_gradients_flow_through_the_reference_and_the_sample():
    inner = nn.Sequential(nn.Linear(2, 3), VirtualBatchNorm1d(3), nn.Tanh(), nn.Linear(3, 2), VirtualBatchNorm1d(2))
    network = Referenced(inner).double()
    network.set_reference(torch.randn(4, 2, dtype=torch.float64))
    x = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)

    def run(x, weight):
        return torch.func.functional_call(network, {"network.0.weight": weight}, (x,))

    weight = inner[0].weight.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(run, (x, weight))
    assert torch.autograd.gradgradcheck(run, (x, weight))


def test_the_variance_of_numbers_far_from_zero_is_no_cancellation():
    """Mean square minus squared mean would be zero or negative in float32."""
    network = Referenced(nn.Sequential(VirtualBatchNorm1d(1)))
    reference, x = torch.randn(64, 1), torch.randn(8, 1)
    network.set_reference(reference)
    near = network(x)
    network.set_reference(reference + 2**13)
    torch.testing.assert_close(network(x + 2**13), near, rtol=0, atol=5e-3)


def test_half_precision_keeps_statistics_in_float32():
    """The squares of these numbers overflow float16."""
    network = Referenced(nn.Sequential(VirtualBatchNorm2d(2)))
    reference, x = 1000 * torch.randn(8, 2, 4, 4), 1000 * torch.randn(3, 2, 4, 4)
    network.set_reference(reference)
    exact = network(x)
    network.set_reference(reference.half())
    result = network(x.half())
    assert result.dtype == torch.float16
    torch.testing.assert_close(result.float(), exact, rtol=0, atol=1e-2)


def test_alone_it_has_no_reference():
    with pytest.raises(RuntimeError, match=r"no reference batch.*Referenced\(network\)"):
        VirtualBatchNorm1d(3)(torch.randn(4, 3))


def test_one_layer_in_two_places_is_an_error():
    layer = VirtualBatchNorm1d(3)
    with pytest.raises(RuntimeError, match="called twice"):
        Referenced(nn.Sequential(layer, layer))(torch.randn(4, 3))


@pytest.mark.parametrize(("cls", "shape"), [(VirtualBatchNorm1d, (4, 3, 2, 2)), (VirtualBatchNorm2d, (4, 3)),
                                            (VirtualBatchNorm2d, (4, 2, 5, 5))])  # fmt: skip
def test_another_shape_is_an_error(cls, shape):
    with pytest.raises(ValueError, match="expected 3 channels in the second of"):
        cls(3)(torch.zeros(shape))


def test_converting_keeps_gain_bias_names_and_mode():
    network = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.BatchNorm1d(3, eps=0.5)), nn.Linear(3, 1)).eval()
    before = dict(network.named_parameters())
    assert convert_batchnorm_to_virtual(network) is network
    layer = network[1][0]
    assert isinstance(layer, VirtualBatchNorm1d)
    assert layer.eps == 0.5
    assert not layer.training
    after = dict(network.named_parameters())
    assert after.keys() == before.keys()
    assert all(after[name] is parameter for name, parameter in before.items())
    assert not list(network.buffers())


def test_converting_reaches_into_conditional_batch_norm():
    norm = convert_batchnorm_to_virtual(ConditionalBatchNorm2d(3, num_classes=2))
    network = Referenced(norm)
    network.set_reference(torch.randn(8, 3, 2, 2), torch.arange(8) % 2)
    x, label = torch.randn(4, 3, 2, 2), torch.tensor([0, 1, 1, 0])
    torch.testing.assert_close(network(x, label)[:1], network(x[:1], label[:1]))


def test_converting_one_layer_and_what_has_no_counterpart():
    assert isinstance(convert_batchnorm_to_virtual(nn.BatchNorm2d(3)), VirtualBatchNorm2d)
    with pytest.raises(ValueError, match="BatchNorm3d has no virtual counterpart"):
        convert_batchnorm_to_virtual(nn.Sequential(nn.BatchNorm3d(3)))
