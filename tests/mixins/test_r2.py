"""R2 against the paper's formula, written out by hand."""

import pytest
import torch
from helpers import fit, make, points, weights
from penalty_cases import d_terms_seen, linear, slope, train_by_hand

from gan_lightning.mixins import R1, R2


def test_the_term_is_half_gamma_times_the_squared_gradient() -> None:
    (terms,) = d_terms_seen(R2, points(batches=1), discriminator=linear(3.0, 4.0), r2_gamma=2.0)
    assert terms["r2"] == pytest.approx(0.5 * 2.0 * 25.0)


def test_training_is_the_double_backward_at_the_fakes_by_hand() -> None:
    gan, twin = make(R2, r2_gamma=2.0, joint_pass=False), make(R2)
    fit(gan, points())
    train_by_hand(twin, points(), lambda d, real, fake: slope(d, fake).square().sum(1).mean())
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_with_r1_both_inputs_are_differentiated() -> None:
    gan, twin = make(type("Both", (R1, R2), {}), r1_gamma=2.0, r2_gamma=4.0, joint_pass=True), make(R2)
    fit(gan, points())
    train_by_hand(
        twin,
        points(),
        lambda d, real, fake: slope(d, real).square().sum(1).mean() + 2 * slope(d, fake).square().sum(1).mean(),
    )
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_it_is_due_each_kth_iteration_and_k_times_as_strong() -> None:
    steps = d_terms_seen(R2, points(batches=5), discriminator=linear(3.0, 4.0), r2_gamma=1e-9, r2_every=3)
    assert ["r2" in terms for terms in steps] == [True, False, False, True, False]
    assert steps[0]["r2"] == pytest.approx(3 * 0.5e-9 * 25.0)


@pytest.mark.parametrize("arguments", [{"r2_gamma": -1.0}, {"r2_every": 0}])
def test_bad_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="expected r2_gamma >= 0 and r2_every >= 1"):
        make(R2, **arguments)
