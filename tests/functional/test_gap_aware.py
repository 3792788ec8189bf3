"""The factor of the learning rate, by hand."""

import pytest

from gan_lightning.functional import gap_aware_factor


@pytest.mark.parametrize(
    ("loss", "factor"),
    [(1.0, 1.0), (1.25, 2**0.5), (1.5, 2.0), (9.0, 2.0), (0.75, 0.1**0.5), (0.5, 0.1), (-9.0, 0.1)],
)
def test_it_is_exponential_between_its_limits(loss, factor):
    assert gap_aware_factor(loss, ideal=1.0, width=0.5) == pytest.approx(factor)


def test_limits_of_one_change_nothing():
    assert gap_aware_factor(5.0, 1.0, 0.5, slowest=1.0, fastest=1.0) == 1.0
