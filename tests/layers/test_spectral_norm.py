"""Spectral normalisation of whole networks: where it goes, and what must survive."""

import copy

import pytest
import torch
from torch import nn

from gan_lightning.layers import add_spectral_norm
from gan_lightning.networks import DCGANDiscriminator


def network():
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.LeakyReLU(0.2), nn.ConvTranspose2d(4, 3, 2), nn.Flatten(), nn.Linear(48, 5)
    )


def matrices(net):
    for layer in net:
        if isinstance(layer, nn.ConvTranspose2d):
            yield layer.weight.transpose(0, 1).flatten(1)
        elif isinstance(layer, nn.Conv2d | nn.Linear):
            yield layer.weight.flatten(1)


def singular_vectors(net):
    return [buffer for name, buffer in net.named_buffers() if name.endswith(("._u", "._v"))]


def normalised():
    net = network()
    add_spectral_norm(net)
    return net


def test_every_layer_gets_largest_singular_value_one():
    net, x = network(), torch.randn(4, 2, 3, 3)
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(50)
    assert add_spectral_norm(net) == 3
    for _ in range(50):
        net(x)
    for matrix in matrices(net):
        assert torch.linalg.matrix_norm(matrix, 2).item() == pytest.approx(1, abs=0.01)


def test_never_twice():
    net = DCGANDiscriminator((1, 8, 8), width=4, norm="spectral")
    before = list(net.state_dict())
    assert add_spectral_norm(net) == 0
    assert list(net.state_dict()) == before
    half = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    assert add_spectral_norm(half[0]) == 1
    assert add_spectral_norm(half) == 1


def test_embeddings_if_asked():
    net = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 1))
    assert add_spectral_norm(net, kinds=(nn.Embedding,)) == 1
    for _ in range(50):
        net(torch.tensor([0, 1]))
    assert torch.linalg.matrix_norm(net[0].weight, 2).item() == pytest.approx(1, abs=0.01)


def test_ranks_with_other_data_stay_equal():
    """u and v move by the weights alone, so ranks that start equal need no word with each other."""
    first = normalised()
    second = copy.deepcopy(first)
    before = [vector.clone() for vector in singular_vectors(first)]
    for seed in range(3):
        for net, scale in ((first, 1), (second, 100)):
            net(scale * torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(seed)))
    for mine, other, start in zip(singular_vectors(first), singular_vectors(second), before, strict=True):
        assert torch.equal(mine, other)
        assert not torch.equal(mine, start)


def test_checkpoint_brings_back_the_vectors():
    net, x = normalised(), torch.randn(4, 2, 3, 3)
    net(x)
    restored = normalised()
    restored.load_state_dict(net.state_dict())
    assert torch.equal(restored.eval()(x), net.eval()(x))
    assert torch.equal(restored.train()(x), net.train()(x))  # and the iteration goes on alike
    assert torch.equal(restored(x), net(x))


def test_copies_are_independent():
    net, x = normalised(), torch.randn(4, 2, 3, 3)
    twin = copy.deepcopy(net)
    assert torch.equal(twin(x), net(x))
    with torch.no_grad():
        for p in net.parameters():
            p.add_(torch.randn_like(p))
    net(x)
    assert not any(torch.equal(a, b) for a, b in zip(singular_vectors(net), singular_vectors(twin), strict=True))


def test_an_average_of_weights_copies_the_vectors():
    """They are unit vectors: averaged they are too short, and the network comes out too steep."""
    net = normalised()
    lengths = [vector.norm().item() for vector in singular_vectors(net)]
    assert len(lengths) == 6
    assert lengths == pytest.approx([1.0] * 6, abs=1e-5)
    assert not any(isinstance(vector, nn.Parameter) for vector in singular_vectors(net))


def test_two_forwards_and_a_backward_twice_differentiated():
    net, x = normalised(), torch.randn(4, 2, 3, 3, requires_grad=True)
    (gradient,) = torch.autograd.grad((net(x) - net(-x)).square().sum(), x, create_graph=True)
    gradient.square().sum().backward()
    weights = [p for name, p in net.named_parameters() if "bias" not in name]
    assert all(p.grad.isfinite().all() and p.grad.any() for p in weights)


def test_runs_under_autocast():
    net = normalised()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        net(torch.randn(4, 2, 3, 3)).sum().backward()
    assert all(vector.dtype == torch.float32 for vector in singular_vectors(net))


def test_nothing_to_act_on():
    with pytest.raises(ValueError, match="ReLU has no layer for spectral normalisation to act on, expected"):
        add_spectral_norm(nn.ReLU())
    with pytest.raises(ValueError, match="n_power_iterations is 0"):
        add_spectral_norm(network(), n_power_iterations=0)


@pytest.mark.filterwarnings("ignore:.*weight_norm")
def test_other_norms_of_weights():
    older = nn.Sequential(nn.utils.spectral_norm(nn.Linear(2, 3)), nn.Linear(3, 1))
    assert add_spectral_norm(older) == 1
    assert not nn.utils.parametrize.is_parametrized(older[0])
    for norm in (nn.utils.weight_norm, nn.utils.parametrizations.weight_norm):
        net = nn.Sequential(nn.Linear(2, 3), norm(nn.Linear(3, 1)))
        with pytest.raises(ValueError, match=r"the weight of a .*Linear in Sequential is computed from others already"):
            add_spectral_norm(net)
        assert not nn.utils.parametrize.is_parametrized(net[0])
    nn.utils.parametrize.remove_parametrizations(net[1], "weight")
    assert add_spectral_norm(net) == 2
