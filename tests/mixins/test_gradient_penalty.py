"""WGAN-GP's penalty against the paper's formula, written out by hand."""

import pytest
import torch
from helpers import Batches, Labelled, fit, make, mlp, points, weights
from penalty_cases import d_terms_seen, linear, slope, train_by_hand
from torch import nn

from gan_lightning.mixins import GradientPenalty


def test_the_term_is_the_squared_distance_of_the_norm_from_its_target() -> None:
    one = points(batches=1)
    (terms,) = d_terms_seen(GradientPenalty, one, discriminator=linear(3.0, 4.0))
    assert terms["gp"] == pytest.approx(10.0 * (5.0 - 1.0) ** 2)
    (terms,) = d_terms_seen(GradientPenalty, one, discriminator=linear(3.0, 4.0), gp_weight=0.1, gp_target=2.0)
    assert terms["gp"] == pytest.approx(0.1 * (5.0 - 2.0) ** 2)


def test_training_is_the_formula_by_hand() -> None:
    gan, twin = make(GradientPenalty), make(GradientPenalty)
    fit(gan, points())

    def penalty(discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        e = torch.rand(len(real), 1)  # one per sample
        return 10 * (slope(discriminator, e * real + (1 - e) * fake).norm(dim=1) - 1).square().mean()

    train_by_hand(twin, points(), penalty)
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_the_points_are_judged_under_the_labels_of_the_batch() -> None:
    class ByLabel(nn.Module):
        """Its slope is the label plus 1."""

        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x, label):
            return self.scale * (label + 1) * x[:, 0]

    data = Batches([torch.randn(4, 2), torch.tensor([0, 1, 2, 2])])
    networks = {"generator": Labelled(4, 2, 3), "discriminator": ByLabel()}
    (terms,) = d_terms_seen(GradientPenalty, data, num_classes=3, gp_weight=1.0, **networks)
    assert terms["gp"] == pytest.approx((0 + 1 + 4 + 4) / 4)


def test_it_is_due_each_kth_iteration_and_k_times_as_strong() -> None:
    d = linear(3.0, 4.0)
    steps = d_terms_seen(GradientPenalty, points(batches=5), discriminator=d, gp_weight=1e-9, gp_every=3)
    assert ["gp" in terms for terms in steps] == [True, False, False, True, False]
    assert steps[0]["gp"] == pytest.approx(3e-9 * 16.0)


def test_a_flat_discriminator_trains_without_nan() -> None:
    gan = make(GradientPenalty, discriminator=linear(0.0, 0.0))
    fit(gan, points())
    assert weights(gan).isfinite().all()


def test_batch_norm_is_warned_of() -> None:
    discriminator = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
    with pytest.warns(UserWarning, match="batch norm"):
        fit(make(GradientPenalty, discriminator=discriminator))


@pytest.mark.parametrize("arguments", [{"gp_weight": -1.0}, {"gp_target": -1.0}, {"gp_every": 0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected gp_weight >= 0, gp_target >= 0 and gp_every >= 1"):
        make(GradientPenalty, discriminator=mlp(2, 1), **arguments)
