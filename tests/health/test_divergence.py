"""Numbers that are none are told at once, explosions after a while."""

from math import inf, nan

import pytest
import torch
from health_windows import past, window
from helpers import Batches, fit, make

from gan_lightning.health import HealthMonitor
from gan_lightning.health.detectors import Divergence
from gan_lightning.health.history import History

CLEAN = {
    f"nonfinite{part}": 0.0 for part in ("", "__fakes", "__logits", "__losses", "__weights", "__reals", "__gradients")
}


def judged(**tensors: torch.Tensor):
    detector, history = Divergence(), History()
    history.add(100, {name: float(x) for name, x in detector.measure(window(**tensors)).items()})
    return detector.judge(history)


def test_a_healthy_window_with_an_unknown_change_at_the_first_check() -> None:
    assert judged(g_weights=torch.tensor([1.0, nan]), d_loss=torch.rand(5), signal=torch.rand(8)) is None


@pytest.mark.parametrize("value", [nan, inf])
@pytest.mark.parametrize(
    ("name", "part"),
    [("fake_logits", "logits"), ("d_loss", "losses"), ("d_spectrum", "weights")],
)
def test_one_value_fails_at_once(name: str, part: str, value: float) -> None:
    verdict = judged(**{name: torch.tensor([value, 1.0])})
    assert verdict is not None
    assert (verdict.kind, verdict.severity, verdict.onset, verdict.iteration) == ("divergence", "failure", 100, 100)
    assert verdict.evidence[f"nonfinite/{part}"] == 0.5
    assert f"50% of the {part}" in verdict.reason


def test_weights_that_are_none_fail_also_at_the_first_check() -> None:
    verdict = judged(g_weights=torch.tensor([nan, nan]), d_weights=torch.tensor([1.0, 0.1]))
    assert verdict is not None
    assert verdict.evidence["nonfinite/weights"] == 0.5


def test_fakes_that_are_none() -> None:
    verdict = judged(fake=torch.full((256, 2), nan))
    assert verdict is not None
    assert verdict.evidence["nonfinite/fakes"] == 1


def test_nan_in_the_data_alone_is_a_warning_that_names_the_data() -> None:
    real = torch.randn(256, 2)
    real[0] = nan
    verdict = judged(real=real)
    assert verdict is not None
    assert verdict.severity == "warning"
    assert verdict.evidence["nonfinite/reals"] == pytest.approx(1 / 256)
    assert "data" in verdict.cause


def test_a_gradient_that_overflows_once_is_skipped_by_the_scaler() -> None:
    assert judged(d_gradient=torch.tensor([inf, 1.0])) is None
    assert Divergence().judge(past(**{**CLEAN, "nonfinite__gradients": [0.1] * 2})) is None
    verdict = Divergence().judge(past(**{**CLEAN, "nonfinite__gradients": [0.0, 0.1, 0.1, 0.1]}))
    assert verdict is not None
    assert verdict.severity == "failure"


@pytest.mark.parametrize("name", ["d__spectrum", "g__spectrum", "g__signal"])
def test_growth_by_a_thousand_fails_after_three_checks(name: str) -> None:
    grown = [1.0] * 8 + [1e3] * 3
    verdict = Divergence().judge(past(**CLEAN, **{name: grown}, bins__tv=0.9))
    assert verdict is not None
    assert (verdict.severity, verdict.onset, verdict.iteration) == ("failure", 900, 1100)
    assert "1e+03" in verdict.reason
    assert Divergence().judge(past(**CLEAN, **{name: grown[:-1]}, bins__tv=0.9)) is None
    assert Divergence().judge(past(**CLEAN, **{name: [1.0] * 8 + [50.0] * 3}, bins__tv=0.9)) is None


def test_a_signal_that_comes_back_from_an_equilibrium_is_no_explosion() -> None:
    signal = [1.0] * 10 + [1e-3] * 3 + [1.0] * 5
    assert Divergence().judge(past(**CLEAN, g__signal=signal, bins__tv=0.9)) is None


def test_losses_explode_in_size_not_in_sign() -> None:
    assert Divergence().judge(past(**CLEAN, d__loss_size=[0.01] * 5 + [5e3] * 5)) is None
    assert Divergence().judge(past(**CLEAN, d__loss_size=[0.01] * 5 + [5e4] * 5)) is not None


def test_infinite_sizes_are_no_level() -> None:
    assert Divergence().judge(past(**CLEAN, d__spectrum=[nan] * 10, d__loss_size=[nan] * 10)) is None


@pytest.mark.parametrize("bad", ["one value", "all values"])
def test_nan_in_the_first_batches_is_told_at_the_first_check(bad: str) -> None:
    batches = torch.randn(20, 128, 2)
    batches[1, :1] = nan  # a GAN of this package refuses a first batch that is not finite
    if bad == "all values":
        batches[1:] = nan
    monitor = HealthMonitor([Divergence()], every=20, samples=256)
    fit(make(), Batches(*batches), callbacks=[monitor])
    (verdict,) = monitor.verdicts
    assert (verdict.kind, verdict.severity, verdict.iteration) == ("divergence", "failure", 20)
    assert verdict.evidence["nonfinite/fakes"] == 1
