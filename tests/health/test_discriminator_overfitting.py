"""Held-out samples tell overfitting; watching them leaves no trace."""

from math import nan

import pytest
import torch
from health_windows import past, window
from helpers import Batches, fit, make, points, weights
from torch import nn

from gan_lightning.health import HealthMonitor
from gan_lightning.health.detectors import DiscriminatorOverfitting


def test_measures_by_hand() -> None:
    measured = DiscriminatorOverfitting().measure(
        window(
            real_logits=torch.tensor([1.0, 2.0, -1.0, 3.0]),
            seen_logits=torch.tensor([1.0, 3.0]),
            held_out_logits=torch.tensor([0.0, 2.0]),
            fake_logits=torch.tensor([-3.0, -1.0]),
            real=torch.tensor([[0.0, 0.0], [10.0, 0.0]]),
            fake=torch.tensor([[0.0, 1.0], [10.0, 1.0], [0.0, 1.0]]),
            held_out=torch.tensor([[0.0, 4.0], [10.0, 4.0], [0.0, 2.0]]),
        )
    )
    assert float(measured["d/sign_real"]) == 0.5
    assert float(measured["d/overfit_rv"]) == pytest.approx((2 - 1) / (2 - -2))
    assert float(measured["d/overfit_auc"]) == 0.75
    assert float(measured["fakes/memorised"]) == pytest.approx(1 / 4)


def test_without_held_out_samples_only_the_sign_is_known() -> None:
    measured = DiscriminatorOverfitting().measure(window(real_logits=torch.ones(8), fake_logits=torch.ones(8)))
    assert float(measured["d/sign_real"]) == 1
    assert all(measured[name].isnan() for name in ("d/overfit_rv", "d/overfit_auc", "fakes/memorised"))
    assert DiscriminatorOverfitting().judge(past(d__sign_real=[1.0] * 20, d__overfit_rv=nan)) is None


def test_a_ratio_without_a_lead_is_unknown() -> None:
    level = torch.zeros(8)
    measured = DiscriminatorOverfitting().measure(
        window(seen_logits=level, held_out_logits=level - 1, fake_logits=level + 1)
    )
    assert measured["d/overfit_rv"].isnan()


def test_overfitting_for_three_checks_fails() -> None:
    verdict = DiscriminatorOverfitting().judge(past(d__overfit_rv=[0.2, 0.9, 0.9, 0.9], d__overfit_auc=0.8))
    assert verdict is not None
    assert (verdict.kind, verdict.severity, verdict.onset) == ("discriminator_overfitting", "failure", 200)
    assert verdict.evidence["d/overfit_rv"] == 0.9
    assert "90%" in verdict.reason
    assert "80%" in verdict.reason


@pytest.mark.parametrize(("rv", "auc"), [(0.9, 0.6), (0.3, 0.9), (nan, 0.9)])
def test_one_of_the_two_is_not_enough(rv: float, auc: float) -> None:
    assert DiscriminatorOverfitting().judge(past(d__overfit_rv=[rv] * 10, d__overfit_auc=auc)) is None


def test_copies_of_training_samples_fail() -> None:
    verdict = DiscriminatorOverfitting().judge(past(fakes__memorised=[1.0, 0.4, 0.4, 0.4]))
    assert verdict is not None
    assert verdict.onset == 200
    assert "0.40 times" in verdict.reason
    assert DiscriminatorOverfitting().judge(past(fakes__memorised=[0.9] * 10)) is None


def noisy_discriminator() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1))


def run(monitor: HealthMonitor | None) -> torch.Tensor:
    torch.manual_seed(5)
    gan = make(discriminator=noisy_discriminator())
    fit(gan, points(64, 80), callbacks=[] if monitor is None else [monitor])
    return torch.cat([weights(gan), *(buffer.flatten().float() for buffer in gan.buffers()), torch.rand(4)])


def test_judging_held_out_samples_changes_nothing() -> None:
    monitor = HealthMonitor([DiscriminatorOverfitting()], every=20, samples=128, held_out=torch.randn(100, 2))
    assert torch.equal(run(None), run(monitor))
    assert 0.3 < monitor.history.now("d/overfit_auc") < 0.7
    assert 0 < monitor.history.now("fakes/memorised") < 1e3


def test_a_discriminator_that_knows_its_samples_by_heart_is_told() -> None:
    generator = torch.Generator().manual_seed(3)
    few, unseen = torch.randn(16, 20, generator=generator), torch.randn(128, 20, generator=generator)
    batches = Batches(*(few.roll(step, 0) for step in range(600)))
    wide = nn.Sequential(nn.Linear(20, 128), nn.ReLU(), nn.Linear(128, 1))
    gan = make(generator=nn.Linear(4, 20), discriminator=wide)
    monitor = HealthMonitor([DiscriminatorOverfitting()], every=100, samples=64, held_out=[[unseen, torch.zeros(128)]])
    fit(gan, batches, callbacks=[monitor])
    assert [verdict.kind for verdict in monitor.verdicts] == ["discriminator_overfitting"]


@pytest.mark.parametrize(
    ("held_out", "error", "words"),
    [
        (torch.zeros(4, 2), ValueError, "at least 16"),
        (torch.zeros(64, 3), ValueError, r"\(3,\), the discriminator sees \(2,\)"),
        ([["name"]], ValueError, "without floating tensors"),
        (7, TypeError, "expected a tensor of samples or a loader"),
    ],
)
def test_held_out_samples_that_do_not_fit(held_out: object, error: type[Exception], words: str) -> None:
    monitor = HealthMonitor([DiscriminatorOverfitting()], every=20, samples=128, held_out=held_out)
    with pytest.raises(error, match=words):
        fit(make(), points(128, 40), callbacks=[monitor])
