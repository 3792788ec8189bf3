"""Data that repeat, or carry one label, are told at the next check."""

from math import nan

import pytest
import torch
from health_windows import past, window

from gan_lightning.health.detectors import DegenerateData
from gan_lightning.health.history import History


def measured(**tensors: torch.Tensor) -> dict[str, float]:
    return {name: float(x) for name, x in DegenerateData().measure(window(**tensors)).items()}


def judged(*checks: dict[str, torch.Tensor]):
    history = History()
    for number, tensors in enumerate(checks, 1):
        history.add(100 * number, measured(**tensors))
    return DegenerateData().judge(history)


@pytest.mark.parametrize("dims", [1, 2, 16])
def test_distinct_rows_are_counted(dims: int) -> None:
    few = torch.randn(64, dims) * 3 + 5
    real = few.repeat(8, 1)[torch.randperm(512)]
    found = measured(real=real, fake=real) if dims == 2 else measured_alone(real)
    assert found["reals/distinct"] == pytest.approx(len(few.unique(dim=0)), abs=2)
    assert found["reals/unique"] == found["reals/distinct"] / 512


def measured_alone(real: torch.Tensor) -> dict[str, float]:
    given = window()
    given.real = real
    return {name: float(x) for name, x in DegenerateData().measure(given).items()}


def test_rounding_does_not_make_rows_distinct() -> None:
    real = torch.randn(64, 2).repeat(4, 1)
    assert measured(real=real * (1 + 1e-7 * torch.randn(256, 2)))["reals/distinct"] < 70


def test_distinct_samples_are_healthy() -> None:
    assert measured(real=torch.randn(256, 2))["reals/unique"] > 0.98
    assert judged({}, {}) is None


@pytest.mark.parametrize("value", [0.0, 3.3])
def test_samples_that_are_all_equal_fail(value: float) -> None:
    verdict = judged({"real": torch.full((256, 2), value)})
    assert verdict is not None
    assert (verdict.kind, verdict.severity) == ("degenerate_data", "failure")
    assert (verdict.onset, verdict.iteration) == (100, 100)
    assert "only 1 of 256" in verdict.reason


def test_a_loader_that_begins_to_repeat_a_batch_fails_at_the_next_check() -> None:
    verdict = judged({}, {}, {"real": torch.randn(64, 2).repeat(4, 1)})
    assert verdict is not None
    assert (verdict.severity, verdict.onset) == ("failure", 300)
    assert "only 64 of 256" in verdict.reason
    assert "repeats a batch" in verdict.cause


@pytest.mark.parametrize(("size", "severity"), [(64, "failure"), (80, "warning")])
def test_a_tiny_set_is_told_with_its_size(size: int, severity: str) -> None:
    tiny = {"real": torch.randn(size, 2).repeat(4, 1)}
    verdict = judged(tiny, tiny, tiny)
    assert verdict is not None
    assert verdict.severity == severity
    assert f"only {size} of {4 * size}" in verdict.reason
    assert "very small data set" in verdict.cause


def test_nan_and_small_windows_tell_nothing() -> None:
    real = torch.zeros(256, 2)
    real[0] = nan
    assert judged({"real": real}) is None
    assert judged({"real": torch.zeros(8, 2)}) is None


def test_labels_that_become_equal_fail() -> None:
    mixed, equal = torch.arange(256) % 10, torch.zeros(256).long()
    assert judged({"real_label": mixed}, {"real_label": mixed}) is None
    verdict = judged({"real_label": mixed}, {"real_label": mixed}, *({"real_label": equal, "fake_label": equal},) * 2)
    assert verdict is not None
    assert verdict.severity == "failure"
    assert "all labels equal" in verdict.reason


def test_a_high_label_alone_means_that_others_are_missing() -> None:
    equal = torch.full((256,), 3)
    verdict = judged({"real_label": equal, "fake_label": equal})
    assert verdict is not None
    assert verdict.severity == "failure"
    assert "label 3" in verdict.reason


def test_one_label_fails_only_where_the_generator_is_asked_for_classes() -> None:
    equal = torch.zeros(256).long()
    verdict = judged({"real_label": equal, "fake_label": equal})
    assert verdict is not None
    assert verdict.severity == "failure"
    assert judged({"real_label": equal}) is None  # the generator is not asked for a class


def test_an_empty_history_tells_nothing() -> None:
    assert DegenerateData().judge(History()) is None
    assert DegenerateData().judge(past(reals__distinct=[nan], reals__unique=nan)) is None
