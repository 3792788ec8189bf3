"""Orthogonal regularization against the paper's formula, and which weights it takes."""

import pytest
import torch
from helpers import fit, make, mlp, points
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.mixins import OrthogonalRegularization


def overlap_by_hand(*weights: torch.Tensor) -> float:
    """Return the sum of |W^T W * (1 - I)|^2 over matrices with one filter per column."""
    total = 0.0
    for weight in weights:
        columns = weight.detach().double().flatten(1).T
        total += ((columns.T @ columns) * (1 - torch.eye(columns.shape[1]))).square().sum().item()
    return total


def terms_seen(**arguments) -> dict[str, float]:
    seen = {}

    class Spy(OrthogonalRegularization):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen["d"] = float(terms.get("orthogonal", torch.zeros(())).detach())
            return terms

        def g_terms(self, step):
            terms = super().g_terms(step)
            seen["g"] = float(terms.get("orthogonal", torch.zeros(())).detach())
            return terms

    fit(make(Spy, **arguments), points(batches=1))
    return seen


def test_each_player_has_its_strength() -> None:
    generator, discriminator = mlp(4, 2), mlp(2, 1)
    expected_g = 0.5 * overlap_by_hand(generator[0].weight, generator[2].weight)
    expected_d = 0.25 * overlap_by_hand(discriminator[0].weight)  # the last layer has one filter
    networks = {"generator": generator, "discriminator": discriminator}
    seen = terms_seen(**networks, orthogonal_g=0.5, orthogonal_d=0.25)
    assert seen["g"] == pytest.approx(expected_g, rel=1e-5)
    assert seen["d"] == pytest.approx(expected_d, rel=1e-5)


def test_by_default_it_is_the_generators() -> None:
    assert terms_seen()["d"] == 0
    assert terms_seen()["g"] > 0


class Painter(nn.Module):
    """Latents to points through a transposed convolution, an embedding and a spectral norm."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = spectral_norm(nn.ConvTranspose2d(4, 6, 2))
        self.table = nn.Embedding(3, 24)
        self.last = nn.Linear(24, 2)
        self.gain = nn.Parameter(torch.ones(1, 24))

    def forward(self, z):
        return self.last(self.gain * (self.convolution(z[:, :, None, None]).flatten(1) + self.table.weight[0]))


def test_it_takes_the_raw_weights_of_layers_and_no_embeddings() -> None:
    painter = Painter()
    raw = painter.convolution.parametrizations.weight.original
    expected = overlap_by_hand(raw.transpose(0, 1), painter.last.weight)
    assert terms_seen(generator=painter, orthogonal_g=1.0)["g"] == pytest.approx(expected, rel=1e-5)


def test_it_draws_the_filters_apart() -> None:
    gan = make(OrthogonalRegularization, orthogonal_g=10.0)
    before = overlap_by_hand(gan.generator[0].weight)
    fit(gan, points(batches=60))
    assert overlap_by_hand(gan.generator[0].weight) < before


def test_a_network_without_matrices_is_refused() -> None:
    class Shift(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shift = nn.Parameter(torch.zeros(2))

        def forward(self, z):
            return z[:, :2] + self.shift

    with pytest.raises(ValueError, match=r"orthogonal_g=0.0001 has no effect.*set it to 0"):
        fit(make(OrthogonalRegularization, generator=Shift()))


@pytest.mark.parametrize("arguments", [{"orthogonal_g": -1.0}, {"orthogonal_d": -1.0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected orthogonal_g >= 0 and orthogonal_d >= 0"):
        make(OrthogonalRegularization, **arguments)
