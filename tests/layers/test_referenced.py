"""A network with a reference batch: how it is chosen, kept, saved, and left without a trace in the layers."""

import pickle
from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.critique import Critique
from gan_lightning.layers import Referenced, VirtualBatchNorm1d
from gan_lightning.networks import MLPDiscriminator


def network(size=None):
    return Referenced(nn.Sequential(nn.Linear(2, 4), VirtualBatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3)), size)


def test_the_first_batch_in_training_mode_becomes_the_reference_for_good():
    net = network(size=4)
    first = torch.randn(6, 2)
    net(first)
    net(torch.randn(6, 2))
    assert torch.equal(net.reference[0], first[:4])
    assert net.reference[0].data_ptr() != first.data_ptr()


def test_in_evaluation_mode_a_batch_is_its_own_reference_and_is_not_kept():
    net = network().eval()
    x = torch.randn(6, 2)
    by_itself = net(x)
    assert net.reference == ()
    net.set_reference(x)
    assert torch.equal(net(x), by_itself)


def test_the_reference_can_be_replaced_and_forgotten():
    net, x = network(), torch.randn(5, 2)
    net.set_reference(x)
    net.set_reference(x + 1)
    assert torch.equal(net.reference[0], x + 1)
    net.set_reference()
    assert net.reference == ()
    assert not any("reference" in name for name in net.state_dict())


def test_a_fresh_network_takes_the_reference_from_the_state():
    trained, fresh, x = network(), network(), torch.randn(5, 2)
    trained(torch.randn(6, 2))
    fresh.load_state_dict(trained.state_dict())
    assert torch.equal(fresh(x), trained(x))
    other = network()
    other.set_reference(torch.randn(3, 2))  # of another size
    other.load_state_dict(trained.state_dict())
    assert torch.equal(other(x), trained(x))


def test_a_state_without_a_reference_does_not_pass_for_one_with():
    net = network()
    state = net.state_dict()
    net(torch.randn(6, 2))
    with pytest.raises(RuntimeError, match="reference_0"):
        net.load_state_dict(state)


def test_no_graph_survives_a_forward():
    net = network()
    for call in (lambda: net(torch.randn(6, 2)), lambda: net(torch.randn(6, 3))):
        try:
            call().sum().backward()
        except RuntimeError:
            assert net.network[1]._reference is None
        x = torch.randn(5, 2)
        assert torch.equal(deepcopy(net)(x), net(x))
        assert torch.equal(pickle.loads(pickle.dumps(net))(x), net(x))
        assert net.network[1]._reference is None
        assert not net.network[1].reads_reference


def test_a_copy_has_a_reference_of_its_own():
    net, x = network(), torch.randn(5, 2)
    net(torch.randn(6, 2))
    copied = deepcopy(net)
    copied.set_reference(torch.randn(6, 2))
    assert not torch.equal(copied(x), net(x))


def test_it_follows_device_and_type_conversions():
    net = network()
    net(torch.randn(6, 2))
    net.double()
    assert net(torch.randn(5, 2, dtype=torch.float64)).dtype == torch.float64


def test_labels_are_a_part_of_the_reference():
    class Labelled(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.norm = nn.Embedding(3, 2), VirtualBatchNorm1d(2)

        def forward(self, x, label):
            return self.norm(x + self.embedding(label))

    net = Referenced(Labelled())
    label = torch.tensor([0, 1, 2, 0])
    net(torch.randn(4, 2), label)
    assert torch.equal(net.reference[1], label)
    with pytest.raises(ValueError, match="has 2 inputs, this call has 1"):
        net(torch.randn(4, 2))


def test_outputs_of_any_kind_pass_through():
    inner = nn.Sequential(nn.Linear(2, 4), VirtualBatchNorm1d(4))

    class Judge(nn.Module):
        num_features = 4

        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return Critique(self.inner(x).sum(1), self.inner[0](x))

    net = Referenced(Judge())
    assert net.num_features == 4
    assert net(torch.randn(3, 2)).features.shape == (3, 4)


def test_spectral_norm_differentiates_through_both_runs():
    net = Referenced(nn.Sequential(spectral_norm(nn.Linear(2, 4)), VirtualBatchNorm1d(4)))
    x = torch.randn(5, 2)
    net(x)
    net(x).square().sum().backward()
    assert all(p.grad.isfinite().all() for p in net.parameters())


def test_a_network_without_virtual_batch_norm_is_an_error():
    with pytest.raises(ValueError, match="MLPDiscriminator holds no virtual batch normalisation"):
        Referenced(MLPDiscriminator((2,)))


def test_a_network_is_wrapped_once():
    with pytest.raises(ValueError, match="has a reference batch already"):
        Referenced(nn.Sequential(network()))
