"""Heads, projection and taps: wrappers around any discriminator."""

import copy
import pickle

import pytest
import torch
from torch import nn

from gan_lightning import GAN, Critique
from gan_lightning.layers import Head, Projection, Taps, set_dropout
from gan_lightning.networks import DCGANDiscriminator, MLPDiscriminator, MLPGenerator

X = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
LABEL = torch.tensor([0, 1, 2, 0, 1, 2])


def mlp(num_classes=0, **settings):
    return MLPDiscriminator((2,), num_classes, width=8, **settings)


class Judge(nn.Module):
    """A user's discriminator without a word about its features."""

    def forward(self, x):
        return x.sum(1, keepdim=True)


class Flat(Judge):
    num_features = 3

    def __init__(self, features):
        super().__init__()
        self.features = features

    def forward(self, x):
        return Critique(x.sum(1), self.features)


WRAPPERS = [
    lambda: Head(mlp(), "classes", 5),
    lambda: Projection(mlp(), 3),
    lambda: Taps(mlp(), ["hidden.1", "hidden.3"]),
    lambda: Head(Taps(Projection(mlp(), 3), ["network.hidden.0"]), "code", 2),
]


def ask(network):
    return network(X, LABEL if getattr(network, "num_classes", 0) else None)


def values(critique):
    return [critique.logits, critique.features, *critique.heads.values()]


@pytest.mark.parametrize("make", WRAPPERS)
def test_state_and_copies(make):
    wrapper = make()
    said = ask(wrapper)
    other = make()
    other.load_state_dict(wrapper.state_dict())
    for again in (other, copy.deepcopy(wrapper), pickle.loads(pickle.dumps(wrapper))):
        for value, expected in zip(values(ask(again)), values(said), strict=True):
            assert torch.equal(value, expected)


@pytest.mark.parametrize("make", WRAPPERS)
def test_tells_what_the_network_tells(make):
    wrapper = make()
    assert (wrapper.num_features, wrapper.shape) == (8, (2,))


def test_a_gan_takes_them():
    d = Head(Taps(Projection(mlp(), 3), ["network.hidden.0"]), "code", 2)
    gan = GAN(MLPGenerator(4, (2,), 3), d, latent_dim=4, num_classes=3)
    assert set(gan.critique(X, LABEL).heads) == {"network.hidden.0", "code"}


def test_head_is_linear_in_the_features_and_leaves_the_rest():
    network = mlp()
    wrapper = Head(network, "classes", 5)
    said, before = wrapper(X), network(X)
    expected = before.features @ wrapper.head.weight.T + wrapper.head.bias
    torch.testing.assert_close(said.heads["classes"], expected)
    assert torch.equal(said.logits, before.logits)
    assert torch.equal(said.features, before.features)
    assert before.heads == {}


def test_heads_add_up_and_labels_are_passed_on():
    wrapper = Head(Head(mlp(num_classes=3), "classes", 3), "code", 2)
    assert wrapper.num_classes == 3
    said = wrapper(X, LABEL)
    assert {name: tuple(value.shape) for name, value in said.heads.items()} == {"classes": (6, 3), "code": (6, 2)}
    assert torch.equal(said.logits, wrapper.network.network(X, LABEL).logits)


def test_projection_is_the_papers_formula():
    network = mlp()
    wrapper = Projection(network, 3).double()
    assert wrapper.num_classes == 3
    x = X.double()
    before, said = network(x), wrapper(x, LABEL)
    for n, label in enumerate(LABEL.tolist()):
        vector, features = wrapper.embedding.weight[label].tolist(), before.features[n].tolist()
        expected = before.logits[n].item() + sum(v * f for v, f in zip(vector, features, strict=True))
        assert said.logits[n].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("width", [16, 8192])
def test_projection_starts_small(width):
    class Wide(nn.Module):
        num_features = width

        def forward(self, x):
            return Critique(torch.zeros(len(x)), x)

    logits = Projection(Wide(), 10)(torch.randn(64, width), torch.arange(64) % 10).logits
    assert logits.std() < 2


def test_taps_are_the_layers_outputs():
    network = DCGANDiscriminator((1, 8, 8), width=4, norm="none")
    x = torch.randn(2, 1, 8, 8)
    heads = Taps(network, ["layers.0", "layers.1", "output"])(x).heads
    assert list(heads) == ["layers.0", "layers.1", "output"]
    assert torch.equal(heads["layers.0"], network.layers[0](x))
    assert torch.equal(heads["layers.1"], network.layers[1](heads["layers.0"]))
    assert heads["layers.1"].requires_grad


def test_taps_record_only_while_they_run():
    network = mlp()
    first, second = Taps(network, ["hidden.0"]), Taps(network, ("hidden.0", "hidden.2"))
    network(X)
    assert set(first(X).heads) == {"hidden.0"}
    assert set(second(X).heads) == {"hidden.0", "hidden.2"}
    copy.deepcopy(second)  # nothing of a graph is kept, which could not be copied


def test_taps_recover_from_an_error():
    wrapper = Taps(mlp(), "hidden.0")
    with pytest.raises(RuntimeError):
        wrapper(torch.randn(6, 3))
    assert set(wrapper(X).heads) == {"hidden.0"}
    wrapper.network(X)
    copy.deepcopy(wrapper)


def test_the_switch_of_dropout_reaches_through():
    assert set_dropout(Head(mlp(dropout=0.5), "classes", 3), 0.1) == 2


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Head(Judge(), "classes", 3), "the head 'classes' needs .* Judge has no num_features: return Critique"),
        (lambda: Projection(Judge(), 3), "the projection needs .* Judge has no num_features"),
        (lambda: Head(mlp(), "classes", 0), "the head 'classes' has outputs=0"),
        (lambda: Projection(mlp(), 0), "num_classes=0, expected the number of classes"),
        (lambda: Projection(mlp(3), 3), r"MLPDiscriminator takes labels itself \(num_classes=3\)"),
        (lambda: Taps(mlp(), ["hidden.9"]), r"\['hidden.9'\] of MLPDiscriminator: choose among .*hidden.0, hidden.1"),
        (lambda: Taps(mlp(), []), "cannot tap no layer"),
        (lambda: Head(Flat(None), "classes", 3)(X), "the head 'classes' needs .* it returned none: return Critique"),
        (lambda: Head(Flat(X), "classes", 3)(X), r"features of shape \(6, 2\), expected \(N, 3\)"),
        (lambda: Projection(Flat(None), 3)(X, LABEL), "the projection needs .* it returned none"),
        (lambda: Projection(mlp(), 3)(X), "got no labels"),
        (lambda: Projection(mlp(), 3)(X, LABEL + 1), "range from 1 to 3, expected 0 to 2"),
        (lambda: Head(Head(mlp(), "a", 1), "a", 1)(X), "has a head 'a' already"),
    ],
)
def test_what_is_refused(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_taps_on_layers_that_give_nothing_useful():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.unused, self.pair, self.scalar = nn.Identity(), nn.LSTM(2, 2), nn.Flatten(0)

        def forward(self, x):
            self.pair(x)
            return self.scalar(x).view(len(x), -1).sum(1)

    for name, match in (("unused", "did not run"), ("pair", "returned tuple"), ("scalar", r"returned shape \(12,\)")):
        with pytest.raises(ValueError, match=f"{name}' {match}"):
            Taps(Odd(), [name])(X)
