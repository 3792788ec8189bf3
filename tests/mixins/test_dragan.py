"""DRAGAN against the paper's formula, written out by hand."""

import pytest
import torch
from helpers import fit, make, points, weights
from penalty_cases import d_terms_seen, linear, slope, train_by_hand
from torch import nn

from gan_lightning.mixins import DRAGAN


def test_the_term_is_the_squared_distance_of_the_norm_from_its_target() -> None:
    (terms,) = d_terms_seen(DRAGAN, points(batches=1), discriminator=linear(3.0, 4.0))
    assert terms["dragan"] == pytest.approx(10.0 * (5.0 - 1.0) ** 2)


def test_training_is_the_formula_by_hand() -> None:
    gan, twin = make(DRAGAN, dragan_noise=0.7), make(DRAGAN)
    fit(gan, points())

    def penalty(discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        around = real + 0.7 * real.std(correction=0) * torch.randn(real.shape)
        return 10 * (slope(discriminator, around).norm(dim=1) - 1).square().mean()

    train_by_hand(twin, points(), penalty)
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_it_is_due_each_kth_iteration_and_k_times_as_strong() -> None:
    d = linear(3.0, 4.0)
    steps = d_terms_seen(DRAGAN, points(batches=5), discriminator=d, dragan_weight=1e-9, dragan_every=3)
    assert ["dragan" in terms for terms in steps] == [True, False, False, True, False]
    assert steps[0]["dragan"] == pytest.approx(3e-9 * 16.0)


@pytest.mark.parametrize(
    "arguments", [{"dragan_weight": -1.0}, {"dragan_target": -1.0}, {"dragan_noise": 0.0}, {"dragan_every": 0}]
)
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected dragan_weight >= 0"):
        make(DRAGAN, **arguments)
