"""A signal that fell to nothing is told where the samples are bad."""

import pytest
import torch
from health_windows import past, window

from gan_lightning.health.detectors import VanishingGradient

FALLEN = [2.0, 1.0, 1.5, 1e-3, 1e-3, 1e-3]


def test_measures_by_hand() -> None:
    real = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    found = VanishingGradient().measure(
        window(real=real, signal=torch.tensor([1.0, 2.0, 6.0]), g_gradient=torch.tensor([1.0, 3.0]))
    )
    assert float(found["g/signal"]) == 2
    assert float(found["g/reach"]) == pytest.approx(2)
    assert float(found["g/gradient"]) == 2
    assert found["d/gradient"].isnan()


def test_without_a_signal_all_is_unknown() -> None:
    assert VanishingGradient().measure(window())["g/signal"].isnan()
    assert VanishingGradient().judge(past(g__signal=[float("nan")] * 20, bins__tv=0.9)) is None


def test_a_fall_by_a_thousand_fails_beside_bad_samples() -> None:
    verdict = VanishingGradient().judge(past(g__signal=FALLEN, bins__tv=0.9))
    assert verdict is not None
    assert (verdict.severity, verdict.onset, verdict.iteration) == ("failure", 400, 600)
    assert verdict.evidence["g/signal highest"] == 1.0
    assert "1.0e-03" in verdict.reason
    assert "1.0e+00" in verdict.reason


def test_a_fall_beside_good_or_improving_samples_is_no_failure() -> None:
    assert VanishingGradient().judge(past(g__signal=FALLEN, bins__tv=0.2)) is None
    assert VanishingGradient().judge(past(g__signal=FALLEN, bins__tv=[0.99, 0.95, 0.9, 0.8, 0.7, 0.6])) is None


def test_a_fall_of_unknown_harm_is_a_warning() -> None:
    verdict = VanishingGradient().judge(past(g__signal=FALLEN))
    assert verdict is not None
    assert verdict.severity == "warning"


def test_a_fall_by_ten_or_for_two_checks_is_usual() -> None:
    assert VanishingGradient().judge(past(g__signal=[1.0] * 5 + [0.1] * 10, bins__tv=0.9)) is None
    assert VanishingGradient().judge(past(g__signal=[1.0] * 5 + [1e-3] * 2, bins__tv=0.9)) is None


def test_a_signal_that_never_was_there_fails() -> None:
    assert VanishingGradient().judge(past(g__signal=[1e-9] * 6, g__reach=1e-9, bins__tv=0.9)) is not None
    assert VanishingGradient().judge(past(g__signal=[1e-9] * 4, g__reach=1e-9, bins__tv=0.9)) is None


def test_a_clipped_critic_s_small_signal_is_enough() -> None:
    assert VanishingGradient().judge(past(g__signal=[1e-4] * 20, g__reach=2e-4, bins__tv=0.9)) is None
