"""Dead start: never good, and not on the way."""

import math

import pytest
from bin_histories import checks

from gan_lightning.health.detectors import DeadStart


def judged(tv, **more):
    return DeadStart().judge(checks(bins__tv=tv, **more))


def test_no_progress_by_then_is_a_failure_from_the_start():
    verdict = judged(15 * [0.9])
    assert (verdict.severity, verdict.onset, verdict.iteration) == ("failure", 100, 1500)
    assert "90 %" in verdict.reason
    assert judged(14 * [0.9]) is None


def test_slow_progress_is_progress():
    assert judged([0.95 - 0.006 * check for check in range(20)]) is None
    assert judged([0.95 - 0.004 * check for check in range(20)]) is not None


def test_what_was_good_once_has_started():
    assert judged([0.9, 0.3, 0.3, *20 * [0.9]]) is None
    assert judged([0.9, 0.3, 0.9, *20 * [0.9]]) is not None


def test_half_right_is_not_dead():
    assert judged(20 * [0.55]) is None
    assert judged(20 * [0.56]) is not None


def test_small_windows_have_a_higher_floor():
    assert judged(20 * [0.69], bins__tv_real=0.25) is None
    assert judged(20 * [0.71], bins__tv_real=0.25) is not None


def test_unknown_is_not_dead():
    assert judged(20 * [math.nan]) is None
    assert judged([*15 * [0.9], *5 * [math.nan]]) is None
    assert DeadStart().judge(checks(20, losses=1.0)) is None


def test_frequent_checks_reach_as_far_back_as_they_are_kept():
    assert DeadStart().judge(checks(200, every=10, bins__tv=0.9)) is not None
    falling = [0.95 - 0.0015 * check for check in range(200)]
    assert DeadStart().judge(checks(every=10, bins__tv=falling)) is None


def test_windows_longer_than_the_patience_are_refused():
    with pytest.raises(ValueError, match="within=1000 and patience=500"):
        DeadStart(patience=500)
