"""A discriminator at chance is a failure beside bad samples only."""

import torch
from health_windows import past, window

from gan_lightning.health.detectors import GeneratorDominates


def test_chance_beside_bad_samples_fails() -> None:
    verdict = GeneratorDominates().judge(past(d__rank_accuracy=[0.5, 0.52] * 10, g__score=0.5, bins__tv=0.9))
    assert verdict is not None
    assert (verdict.kind, verdict.severity) == ("generator_dominates", "failure")
    assert (verdict.onset, verdict.iteration) == (1600, 2000)
    assert verdict.evidence["d/rank_accuracy"] == 0.52
    assert "52%" in verdict.reason
    assert "wider discriminator" in verdict.advice[0]


def test_chance_beside_good_samples_is_the_aim() -> None:
    assert GeneratorDominates().judge(past(d__rank_accuracy=[0.5] * 20, g__score=0.5, bins__tv=0.2)) is None


def test_bad_samples_early_or_of_unknown_quality_are_let_be() -> None:
    assert GeneratorDominates().judge(past(d__rank_accuracy=[0.5] * 18, bins__tv=0.9)) is None
    assert GeneratorDominates().judge(past(d__rank_accuracy=[0.5] * 30)) is None
    assert GeneratorDominates().judge(past(d__rank_accuracy=[float("nan")] * 30, bins__tv=0.9)) is None


def test_samples_that_get_better_are_let_be() -> None:
    better = [0.95 - 0.015 * check for check in range(25)]
    assert GeneratorDominates().judge(past(d__rank_accuracy=0.5, bins__tv=better)) is None


def test_a_hopping_weak_discriminator_is_told_by_the_median() -> None:
    hopping = [0.5, 0.9, 0.4, 0.3, 0.5] * 5
    assert GeneratorDominates().judge(past(d__rank_accuracy=hopping, bins__tv=0.9)) is not None


def test_fakes_that_pass_for_real_fail_where_logits_are_log_odds() -> None:
    fooled = {"d__rank_accuracy": 0.7, "g__score": 0.97, "d__score": 0.51, "bins__tv": [0.9] * 20}
    assert GeneratorDominates().judge(past(d__loss=4.0, **fooled)) is not None
    assert GeneratorDominates().judge(past(d__loss=-1.0, **fooled)) is None


def test_a_monitor_with_this_detector_alone_knows_the_samples() -> None:
    measured = GeneratorDominates().measure(window(fake=torch.zeros(256, 2)))
    assert float(measured["bins/tv"]) > 0.8
    assert float(measured["bins/tv_real"]) < 0.3
