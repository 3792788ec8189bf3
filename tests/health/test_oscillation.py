"""Oscillation: elsewhere at each check, and never everywhere."""

import math

import pytest
from bin_histories import checks, ring, ring_window

from gan_lightning.health.detectors import Oscillation


def test_hop_is_what_moved():
    window = ring_window(ring([0, 1], 512))
    window.fake_shares_before = window.reference.histogram(window.reference.embed(ring([1, 2], 512)))
    assert Oscillation().measure(window)["bins/hop"].item() == pytest.approx(0.5, abs=0.1)
    window = ring_window(ring([0, 1], 512))
    window.fake_shares_before = window.reference.histogram(window.reference.embed(ring([4, 5], 512)))
    assert Oscillation().measure(window)["bins/hop"].item() == pytest.approx(1.0, abs=0.02)


def test_the_first_check_has_nothing_before():
    assert Oscillation().measure(ring_window(ring([0], 512)))["bins/hop"].isnan()


def test_hopping_windows_that_miss_much_are_a_failure():
    series = {"bins__hop": 18 * [0.1] + 3 * [0.95], "bins__tv": 0.8, "bins__missing": 0.7}
    verdict = Oscillation().judge(checks(**series))
    assert (verdict.kind, verdict.onset) == ("oscillation", 1900)
    assert "95 % of the generated samples" in verdict.reason


@pytest.mark.parametrize(
    "series",
    [
        {"bins__hop": 0.95, "bins__tv": 0.2, "bins__missing": 0.0},
        {"bins__hop": 0.2, "bins__tv": 0.9, "bins__missing": 0.9},
        {"bins__hop": math.nan, "bins__tv": 0.9, "bins__missing": 0.9},
        {"bins__hop": 0.95, "bins__tv": math.nan, "bins__missing": math.nan},
    ],
)
def test_neither_alone_is(series):
    assert Oscillation().judge(checks(20, **series)) is None


def test_early_on_all_move():
    series = {"bins__hop": 0.95, "bins__tv": 0.9, "bins__missing": 0.9}
    assert Oscillation().judge(checks(14, **series)) is None
    assert Oscillation().judge(checks(15, **series)) is not None


def test_a_hop_is_a_share():
    with pytest.raises(ValueError, match="got 70"):
        Oscillation(hop=70)
