"""The zero-centered penalty against the paper's formula, written out by hand."""

import pytest
import torch
from helpers import fit, make, points, weights
from penalty_cases import d_terms_seen, linear, slope, train_by_hand
from torch import nn

from gan_lightning.mixins import ZeroCenteredPenalty


def test_the_term_is_the_squared_gradient() -> None:
    (terms,) = d_terms_seen(
        ZeroCenteredPenalty, points(batches=1), discriminator=linear(3.0, 4.0), zero_centered_weight=2.0
    )
    assert terms["zero_centered"] == pytest.approx(2.0 * 25.0)


def test_training_is_the_formula_by_hand() -> None:
    gan, twin = make(ZeroCenteredPenalty), make(ZeroCenteredPenalty)
    fit(gan, points())

    def penalty(discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        a = torch.rand(len(real), 1)
        return 10 * slope(discriminator, a * real + (1 - a) * fake).square().sum(1).mean()

    train_by_hand(twin, points(), penalty)
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_it_is_due_each_kth_iteration_and_k_times_as_strong() -> None:
    settings = {"zero_centered_weight": 1e-9, "zero_centered_every": 3}
    steps = d_terms_seen(ZeroCenteredPenalty, points(batches=5), discriminator=linear(3.0, 4.0), **settings)
    assert ["zero_centered" in terms for terms in steps] == [True, False, False, True, False]
    assert steps[0]["zero_centered"] == pytest.approx(3e-9 * 25.0)


@pytest.mark.parametrize("arguments", [{"zero_centered_weight": -1.0}, {"zero_centered_every": 0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected zero_centered_weight >= 0 and zero_centered_every >= 1"):
        make(ZeroCenteredPenalty, **arguments)
