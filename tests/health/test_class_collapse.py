"""Class collapse: classes far apart, of which one is always the same or all are mixed up."""

import math

import pytest
import torch
from bin_histories import checks

from gan_lightning.health.detectors import ClassCollapse
from gan_lightning.health.detectors.class_collapse import compared
from gan_lightning.health.reference import Reference
from gan_lightning.health.window import Window

CENTERS = 5 * torch.eye(6)


def samples(label, spread=1.0):
    return CENTERS[label] + spread * torch.randn(len(label), 6)


def measured(fake, fake_label, num=512):
    real_label = torch.randint(6, (num,))
    reference = Reference.fit(samples(torch.randint(6, (2048,))))
    real, fake = reference.embed(samples(real_label)), reference.embed(fake)
    window = Window(reference, 100, real=real, fake=fake, real_label=real_label, fake_label=fake_label)
    return {name: value.item() for name, value in ClassCollapse().measure(window).items()}


def test_classes_as_diverse_as_the_real_ones():
    label = torch.randint(6, (512,))
    values = measured(samples(label), label)
    assert values["classes/diversity_min"] == pytest.approx(1, abs=0.15)
    assert values["classes/diversity_median"] == pytest.approx(1, abs=0.1)
    assert values["classes/mixed"] == pytest.approx(values["classes/mixed_real"], abs=0.03)
    assert values["classes/mixed_chance"] == pytest.approx(5 / 6, abs=0.02)


def test_one_class_that_is_always_the_same():
    label = torch.randint(6, (512,))
    fake = samples(label)
    fake[label == 2] = fake[label == 2][:1]
    values = measured(fake, label)
    assert values["classes/diversity_min"] < 0.01
    assert values["classes/diversity_median"] > 0.85


def test_labels_that_are_ignored():
    values = measured(samples(torch.randint(6, (512,))), torch.randint(6, (512,)))
    assert values["classes/mixed"] == pytest.approx(values["classes/mixed_chance"], abs=0.06)
    assert values["classes/mixed_real"] < 0.05


def test_diversity_against_a_loop():
    real_label, fake_label = torch.randint(3, (60,)), torch.randint(3, (50,))
    real, fake = torch.randn(60, 4), 0.5 * torch.randn(50, 4)
    found = compared(real, real_label, fake, fake_label).diversity
    for index, label in enumerate(fake_label.tolist()):
        spread = []
        for points in (fake[fake_label == label], real[real_label == label]):
            pairs = [(a - b).norm().item() for i, a in enumerate(points) for b in points[:i]]
            spread.append(sum(pairs) / len(pairs))
        assert found[index].item() == pytest.approx(spread[0] / spread[1], rel=1e-4)


def test_too_few_of_a_class_and_no_labels_are_unknown():
    label = torch.arange(42) % 6
    assert all(math.isnan(value) for value in list(measured(samples(label), label).values())[:3])
    window = Window(Reference.fit(torch.randn(64, 2)), 100, real=torch.randn(64, 2), fake=torch.randn(64, 2))
    assert all(value.isnan() for value in ClassCollapse().measure(window).values())


def test_a_class_without_diversity_is_a_failure():
    series = {"classes__diversity_min": 20 * [0.8] + 3 * [0.05], "classes__diversity_median": 0.9}
    verdict = ClassCollapse().judge(checks(**series))
    assert (verdict.severity, verdict.onset) == ("failure", 2100)
    assert "0.05 times" in verdict.reason
    assert ClassCollapse().judge(checks(14, classes__diversity_min=0.05)) is None
    assert ClassCollapse().judge(checks(20, classes__diversity_min=0.2)) is None
    assert ClassCollapse().judge(checks(20, classes__diversity_min=math.nan)) is None


@pytest.mark.parametrize(
    ("mixed", "real", "bad"), [(0.85, 0.05, True), (0.6, 0.05, False), (0.85, 0.8, False), (math.nan, 0.05, False)]
)
def test_labels_that_do_not_show_are_a_failure_where_real_ones_do(mixed, real, bad):
    history = checks(20, classes__mixed=mixed, classes__mixed_real=real, classes__mixed_chance=0.9)
    assert (ClassCollapse().judge(history) is not None) == bad


def test_ignored_is_a_part():
    with pytest.raises(ValueError, match=r"got 1\.5"):
        ClassCollapse(ignored=1.5)
