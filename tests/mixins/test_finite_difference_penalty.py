"""The finite-difference penalty against the exact R1 and R2, and what would spoil the difference."""

import pytest
import torch
from helpers import Batches, Labelled, fit, make, points, weights
from penalty_cases import d_terms_seen, linear, train_by_hand
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.layers import GaussianNoise
from gan_lightning.mixins import R1, R2, FiniteDifferencePenalty
from gan_lightning.networks import MLPDiscriminator


def test_training_is_the_formula_by_hand() -> None:
    settings = {"fd_r1_gamma": 2.0, "fd_r2_gamma": 4.0, "fd_step": 0.5}
    gan, twin = make(FiniteDifferencePenalty, **settings), make(FiniteDifferencePenalty)
    fit(gan, points())

    def steepness(d: nn.Module, x: Tensor) -> Tensor:
        return ((d(x + 0.5 * torch.randn(x.shape)) - d(x)) / 0.5).square().mean()

    train_by_hand(twin, points(), lambda d, real, fake: steepness(d, real) + 2 * steepness(d, fake))
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_its_mean_is_the_exact_penalty() -> None:
    """On a curved discriminator with a large batch; both see the same reals and, from one seed, the same fakes."""
    data = points(n=20_000, batches=1)
    exact = d_terms_seen(type("Both", (R1, R2), {}), data, r1_gamma=2.0, r2_gamma=2.0)[0]
    estimate = d_terms_seen(FiniteDifferencePenalty, data, fd_r1_gamma=2.0, fd_r2_gamma=2.0)[0]
    assert estimate["fd_r1"] == pytest.approx(exact["r1"], rel=0.05)
    assert estimate["fd_r2"] == pytest.approx(exact["r2"], rel=0.05)


def test_augmentation_does_not_count_as_slope() -> None:
    class Noisy(FiniteDifferencePenalty):
        def augment(self, x):
            return super().augment(x) + torch.randn_like(x)

    (terms,) = d_terms_seen(Noisy, points(n=4000, batches=1), discriminator=linear(3.0, 4.0), fd_r1_gamma=2.0)
    assert terms["fd_r1"] == pytest.approx(25.0, rel=0.2)


def test_the_power_iteration_of_spectral_norm_does_not_count_as_slope() -> None:
    """It changes D from one forward to the next, by far more than a step of 1e-4 does."""
    discriminator = nn.Sequential(spectral_norm(nn.Linear(2, 64)), linear(*64 * [1.0]))
    hidden = discriminator[0]
    hidden.parametrizations.weight[0]._v.copy_(torch.tensor([1.0, 0.0]))  # far from converged
    hidden.parametrizations.weight[0]._u.copy_(nn.functional.normalize(torch.randn(64), dim=0))
    raw = hidden.parametrizations.weight.original.detach()
    slope = (raw / torch.linalg.matrix_norm(raw, 2)).sum(0)
    settings = {"discriminator": discriminator, "fd_r1_gamma": 2.0, "fd_step": 1e-4}
    (terms,) = d_terms_seen(FiniteDifferencePenalty, points(n=4000, batches=1), **settings)
    assert terms["fd_r1"] == pytest.approx(slope.square().sum().item(), rel=0.5)


def test_labels_go_with_both_halves() -> None:
    class ByLabel(nn.Module):
        """Its slope is the label plus 1, in all of its many dimensions together."""

        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x, label):
            return self.scale * (label + 1) * x.sum(1)

    data = Batches([torch.zeros(30_000, 2), torch.arange(30_000) % 3])
    networks = {"generator": Labelled(4, 2, 3), "discriminator": ByLabel()}
    (terms,) = d_terms_seen(FiniteDifferencePenalty, data, num_classes=3, fd_r1_gamma=2.0, **networks)
    assert terms["fd_r1"] == pytest.approx(2 * (1 + 4 + 9) / 3, rel=0.1)


def test_it_is_measured_in_float32_under_mixed_precision() -> None:
    """In bfloat16 the two logits near 1000 would be equal or 4 apart."""
    layer = linear(1.0, 0.0)
    torch.nn.init.constant_(layer.bias, 1000.0)
    seen = []

    class Spy(FiniteDifferencePenalty):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen.append(float(terms["fd_r1"].detach()))
            return terms

    fit(make(Spy, discriminator=layer, fd_r1_gamma=2.0), points(n=20_000, batches=1), precision="bf16-mixed")
    assert seen[0] == pytest.approx(1.0, rel=0.1)


def test_it_is_due_each_kth_iteration_and_k_times_as_strong() -> None:
    settings = {"fd_r1_gamma": 1e-9, "fd_every": 3, "discriminator": linear(3.0, 4.0)}
    steps = d_terms_seen(FiniteDifferencePenalty, points(n=10_000, batches=5), **settings)
    assert ["fd_r1" in terms for terms in steps] == [True, False, False, True, False]
    assert steps[0]["fd_r1"] == pytest.approx(3 * 0.5e-9 * 25.0, rel=0.1)


class Careless(nn.Linear):
    """Drops features without a layer that says so."""

    def forward(self, x):
        return nn.functional.dropout(super().forward(x), 0.3)


@pytest.mark.parametrize("layer", [nn.Dropout(0.5), GaussianNoise(0.1), Careless(8, 8)])
def test_a_discriminator_that_judges_differently_each_time_is_refused(layer: nn.Module) -> None:
    gan = make(FiniteDifferencePenalty, discriminator=nn.Sequential(nn.Linear(2, 8), layer, nn.Linear(8, 1)))
    before = weights(gan)
    with pytest.raises(ValueError, match=r"judges one sample differently each time.*or use R1"):
        fit(gan)
    assert torch.equal(weights(gan), before)


def test_also_when_the_penalty_is_turned_on_later() -> None:
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1))
    gan = make(FiniteDifferencePenalty, discriminator=discriminator, fd_r1_gamma=0.0)
    fit(gan, points(batches=1))
    gan.fd_r1_gamma = 1.0
    with pytest.raises(ValueError, match="judges one sample differently"):
        fit(gan)


@pytest.mark.parametrize("options", [{"norm": "batch"}, {"minibatch": "discrimination"}])
def test_a_discriminator_that_mixes_samples_is_warned_of(options: dict) -> None:
    discriminator = MLPDiscriminator((2,), width=8, **options)
    with pytest.warns(UserWarning, match="judges a sample by its batch mates"):
        fit(make(FiniteDifferencePenalty, discriminator=discriminator))


@pytest.mark.parametrize("arguments", [{"fd_r1_gamma": -1.0}, {"fd_r2_gamma": -1.0}, {"fd_step": 0.0}, {"fd_every": 0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected fd_r1_gamma >= 0"):
        make(FiniteDifferencePenalty, **arguments)
