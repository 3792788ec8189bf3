"""A discriminator that wins is told, and one that is merely good is not."""

from math import exp, nan

import pytest
import torch
from health_windows import past, window

from gan_lightning.health.detectors import DiscriminatorDominates
from gan_lightning.health.history import History

WINS = {"d__saturated": 0.99, "d__score": 0.97, "d__loss": 0.05, "d__rank_accuracy": 0.99}


def test_scores_by_hand() -> None:
    real, fake, losses = torch.tensor([0.0, 2.0]), torch.tensor([-5.0, 1.0]), torch.tensor([1.0, 3.0])
    measured = DiscriminatorDominates().measure(window(real_logits=real, fake_logits=fake, d_loss=losses))

    def sigma(x: float) -> float:
        return 1 / (1 + exp(-x))

    g_score = (sigma(-5) + sigma(1)) / 2
    assert float(measured["g/score"]) == pytest.approx(g_score)
    assert float(measured["d/score"]) == pytest.approx(((sigma(0) + sigma(2)) / 2 + 1 - g_score) / 2)
    assert float(measured["d/saturated"]) == 0.5
    assert float(measured["d/rank_accuracy"]) == 0.75
    assert float(measured["d/gap"]) == pytest.approx((1 - -2) / ((1 + 9) / 2) ** 0.5)
    assert float(measured["d/loss"]) == 2


def test_unknown_logits_are_measured_as_nan_and_judged_as_nothing() -> None:
    detector, history = DiscriminatorDominates(), History()
    for check in range(1, 20):
        history.add(100 * check, {name: float(x) for name, x in detector.measure(window()).items()})
        assert detector.judge(history) is None
    assert history.now("d/saturated") != history.now("d/saturated")


def test_nan_logits_are_no_rejection() -> None:
    logits = torch.tensor([-9.0, nan])
    measured = DiscriminatorDominates().measure(window(real_logits=-logits, fake_logits=logits))
    assert measured["d/saturated"].isnan()


def test_all_fakes_rejected_and_bad_samples_fail_after_three_checks() -> None:
    history = past(bins__tv=[0.95] * 5, **WINS)
    verdict = DiscriminatorDominates().judge(history)
    assert verdict is not None
    assert (verdict.kind, verdict.severity, verdict.onset, verdict.iteration) == (
        "discriminator_dominates", "failure", 300, 500,
    )  # fmt: skip
    assert verdict.evidence["d/saturated"] == 0.99
    assert "99%" in verdict.reason
    assert "bad (bins/tv 0.95)" in verdict.reason
    assert "R1 + R2" in verdict.advice[0]


def test_not_before_its_time_and_not_in_fewer_checks() -> None:
    assert DiscriminatorDominates().judge(past(bins__tv=[0.95] * 4, **WINS)) is None
    flicker = {**WINS, "d__saturated": [0.99, 0.99, 0.99, 0.99, 0.5, 0.99, 0.99]}
    assert DiscriminatorDominates().judge(past(bins__tv=0.95, **flicker)) is None


def test_good_samples_excuse_it() -> None:
    assert DiscriminatorDominates().judge(past(bins__tv=[0.3] * 20, **{**WINS, "d__rank_accuracy": 1.0})) is None


def test_samples_that_get_better_make_it_a_warning() -> None:
    verdict = DiscriminatorDominates().judge(past(bins__tv=[0.95, 0.9, 0.85, 0.8, 0.7, 0.65], **WINS))
    assert verdict is not None
    assert verdict.severity == "warning"


def test_order_alone_counts_after_1000_iterations_and_not_while_the_generator_learns() -> None:
    wins = {"d__rank_accuracy": 1.0, "d__saturated": 0.0, "d__score": 0.7, "d__loss": 0.4}
    assert DiscriminatorDominates().judge(past(bins__tv=[0.9] * 11, **wins)) is None
    verdict = DiscriminatorDominates().judge(past(bins__tv=[0.9] * 12, **wins))
    assert verdict is not None
    assert (verdict.onset, verdict.severity) == (1000, "failure")
    learning = [0.95 - 0.03 * check for check in range(12)]
    assert DiscriminatorDominates().judge(past(bins__tv=learning, **wins)) is None


def test_usual_rank_accuracy_on_images_is_healthy() -> None:
    healthy = {"d__rank_accuracy": 0.97, "d__saturated": 0.4, "d__score": 0.85, "d__loss": 0.5}
    assert DiscriminatorDominates().judge(past(bins__tv=[0.6] * 30, **healthy)) is None


@pytest.mark.parametrize(
    ("real", "fake", "d_loss"),
    [(-80.0, -85.0, -4.0), (30.0, -32.0, -55.0)],
    ids=["far below zero", "around zero"],
)
def test_a_critic_s_logits_are_no_probabilities(real: float, fake: float, d_loss: float) -> None:
    detector, history = DiscriminatorDominates(), History()
    for check in range(1, 30):
        noise = torch.randn(2, 256) * 20
        judged = {"real_logits": real + noise[0], "fake_logits": fake + noise[1], "d_loss": torch.tensor([d_loss])}
        measured = detector.measure(window(**judged))
        history.add(
            100 * check, {name: float(x) for name, x in measured.items()} | {"bins/tv": 0.8, "bins/tv_real": 0.1}
        )
        assert detector.judge(history) is None
    assert history.now("d/saturated") > 0.9
