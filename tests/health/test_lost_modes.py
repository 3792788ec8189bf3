"""Known modes: counted, and missed."""

import math

import pytest
import torch
from bin_histories import RING, checks, ring, ring_window

from gan_lightning.health.detectors import LostModes


@pytest.mark.parametrize("left", [8, 5, 1])
def test_modes_are_counted(left):
    values = LostModes(RING, sigma=0.1).measure(ring_window(ring(range(left), 512)))
    assert values["modes/found"].item() == left
    assert values["modes/missing"].item() == pytest.approx(1 - left / 8)
    assert values["modes/valid"].item() == pytest.approx(0.989, abs=0.02)


def test_a_loss_is_a_failure_since_its_first_check():
    verdict = LostModes(RING, 0.1).judge(checks(modes__missing=[0.9, 0.1, 0.1, 0.5, 0.5, 0.5], modes__found=4.0))
    assert (verdict.kind, verdict.onset) == ("mode_collapse", 400)
    assert "4 of 8 modes" in verdict.reason


@pytest.mark.parametrize("missing", [0.5, 0.25, math.nan])
def test_what_was_never_there_is_not_lost(missing):
    assert LostModes(RING, 0.1).judge(checks(20, modes__missing=missing)) is None


def test_broken_samples_make_it_unknown():
    values = LostModes(RING, 0.1).measure(ring_window(ring(range(8), 512) * math.nan))
    assert all(value.isnan() for value in values.values())


def test_centres_of_another_size_are_refused():
    with pytest.raises(ValueError, match="centres of 3 numbers each, and the samples have 2"):
        LostModes(torch.randn(8, 3), 0.1).measure(ring_window(ring([0], 512)))


@pytest.mark.parametrize("wrong", [{"centers": torch.zeros(8)}, {"sigma": 0.0}, {"armed": 0.5}])
def test_wrong_use(wrong):
    with pytest.raises(ValueError, match="expected centres"):
        LostModes(**{"centers": RING, "sigma": 0.1} | wrong)
