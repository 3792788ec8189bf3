"""Mode collapse: measured on rings with known faults, judged on histories with known onsets."""

import math

import pytest
import torch
from bin_histories import checks, ring, ring_window

from gan_lightning.health.detectors import ModeCollapse

GOOD = [0.9, 0.6, 0.3, 0.3, 0.3]


def measured(fake):
    return {name: value.item() for name, value in ModeCollapse().measure(ring_window(fake)).items()}


@pytest.mark.parametrize("sigma", [0.1, 0.2])
@pytest.mark.parametrize("lost", [0, 1, 2, 4, 6, 7])
def test_missing_is_the_mass_of_the_lost_modes(lost, sigma):
    values = measured(ring(range(8 - lost), 512, sigma))
    assert values["bins/missing"] == pytest.approx(lost / 8, abs=0.05)
    assert values["bins/missing_real"] < 0.03
    assert values["bins/tv_real"] < 0.16


def test_perfect_samples_are_as_good_as_real_ones():
    values = measured(ring(range(8), 512))
    assert values["bins/tv"] == pytest.approx(values["bins/tv_real"], abs=0.06)
    assert values["fakes/duplicates"] < 0.05
    for name in ("pair_distance", "vendi", "coverage", "effective_rank"):
        assert values[f"fakes/{name}"] == pytest.approx(1, abs=0.15)


def test_one_sample_for_all_is_the_worst_and_no_error():
    values = measured(ring([3], 1).expand(512, 2))
    assert values["fakes/pair_distance"] < 1e-3
    assert values["fakes/duplicates"] == 1
    assert values["fakes/vendi"] < 0.2  # one of eight
    assert values["bins/missing"] > 0.9


def test_broken_samples_make_it_unknown():
    values = measured(ring(range(8), 512) * math.nan)
    known = {name for name, value in values.items() if not math.isnan(value)}
    assert known == {"bins/tv_real", "bins/missing_real"}
    assert ModeCollapse().judge(checks(20, **dict.fromkeys(values, math.nan))) is None


def test_measuring_draws_nothing_and_changes_nothing():
    window = ring_window(ring(range(8), 512))
    state, fake, shares = torch.get_rng_state(), window.fake.clone(), window.reference.shares.clone()
    ModeCollapse().measure(window)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(window.fake, fake)
    assert torch.equal(window.reference.shares, shares)


def test_a_fall_after_being_good_is_a_failure_since_its_first_check():
    tv = [*GOOD, 0.3, 0.8, 0.9, 0.9]
    verdict = ModeCollapse().judge(checks(bins__tv=tv, bins__missing=[each - 0.1 for each in tv]))
    assert (verdict.severity, verdict.onset, verdict.iteration) == ("failure", 700, 900)
    assert "80 % of the real data's mass" in verdict.reason
    assert "R1 and R2" in verdict.advice[0]


def test_two_bad_checks_are_not_enough_and_one_good_one_between_does_not_help():
    judge = ModeCollapse().judge
    assert judge(checks(bins__tv=[*GOOD, 0.8, 0.9], bins__missing=0.5)) is None
    assert judge(checks(bins__tv=[*GOOD, 0.8, 0.8, 0.3], bins__missing=0.0)) is None
    assert judge(checks(bins__tv=[*GOOD, 0.8, 0.8, 0.3, 0.8], bins__missing=0.0)).onset == 600


def test_what_was_bad_before_it_was_good_does_not_count():
    assert ModeCollapse().judge(checks(bins__tv=[0.9, 0.9, 0.9, 0.3, 0.3], bins__missing=0.8)) is None
    assert ModeCollapse().judge(checks(bins__tv=[0.9, 0.9, 0.9, 0.3, 0.3, 0.9], bins__missing=0.0)) is None


def test_never_good_is_no_fall():
    assert ModeCollapse().judge(checks(30, bins__tv=0.9, bins__missing=0.8)) is None
    assert ModeCollapse().judge(checks(bins__tv=[0.9, 0.3, 0.9] * 8, bins__missing=0.8)) is None


@pytest.mark.parametrize(("tv", "missing", "bad"), [(0.51, 0.0, True), (0.5, 0.35, False), (0.45, 0.36, True)])
def test_the_borders(tv, missing, bad):
    verdict = ModeCollapse(slow=1.0).judge(checks(bins__tv=GOOD + 4 * [tv], bins__missing=5 * [0.0] + 4 * [missing]))
    assert (verdict is not None) == bad


def test_small_windows_are_compared_with_small_windows_of_real_samples():
    tv = [0.9, 0.6, 0.3, 0.3, 0.6, 0.6, 0.6, 0.6]
    assert ModeCollapse().judge(checks(bins__tv=tv, bins__missing=0.0, bins__tv_real=0.1)) is not None
    assert ModeCollapse().judge(checks(bins__tv=tv, bins__missing=0.0, bins__tv_real=0.25)) is None


def test_a_slow_loss_is_a_warning():
    missing = [0.5, 0.02, 0.02, 0.1, 0.17, 0.18, 0.2, 0.2]
    falling = [0.5, 0.4, 0.3, 0.1, 0.05, 0.16]
    assert ModeCollapse().judge(checks(bins__tv=[*5 * [0.3], 0.3], bins__missing=falling)) is None
    verdict = ModeCollapse().judge(checks(bins__tv=[0.6] + 7 * [0.3], bins__missing=missing))
    assert (verdict.severity, verdict.onset) == ("warning", 500)


def test_a_level_that_was_never_better_is_no_loss():
    assert ModeCollapse().judge(checks(30, bins__tv=0.38, bins__missing=0.2)) is None


@pytest.mark.parametrize(("name", "value"), [("fakes__pair_distance", 0.01), ("fakes__duplicates", 0.95)])
def test_samples_that_are_all_alike_need_no_past_but_time(name, value):
    series = {"fakes__pair_distance": 0.8, "fakes__duplicates": 0.0} | {name: value}
    assert ModeCollapse().judge(checks(9, **series)) is None
    verdict = ModeCollapse().judge(checks(10, **series))
    assert (verdict.severity, verdict.onset) == ("failure", 100)


def test_unknown_values_in_between_alarm_no_one():
    tv = [*GOOD, 0.9, math.nan, math.nan, 0.9]
    assert ModeCollapse().judge(checks(bins__tv=tv, bins__missing=math.nan)) is None


def test_a_healthy_run_is_left_alone():
    noise = (0.05 * torch.randn(60)).tolist()
    tv = [max(0.24, 0.9 - 0.08 * check) + noise[check] for check in range(60)]
    for length in range(1, 61):
        history = checks(bins__tv=tv[:length], bins__missing=[max(0, each - 0.15) for each in tv[:length]])
        assert ModeCollapse().judge(history) is None


def test_being_armed_and_bad_at_once_is_refused():
    with pytest.raises(ValueError, match=r"armed < distance, got 0.6 and 0.5"):
        ModeCollapse(armed=0.6)
