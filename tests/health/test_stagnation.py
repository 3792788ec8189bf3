"""Players that stand still are told; a schedule that ends at zero is not."""

from math import cos, nan, pi

import pytest
import torch
from health_windows import past, window

from gan_lightning.health.detectors import Stagnation


def test_change_is_relative_to_the_norm() -> None:
    found = Stagnation().measure(window(d_weights=torch.tensor([4.0, 1.0]), g_weights=torch.tensor([2.0, nan])))
    assert float(found["d/change"]) == 0.25
    assert found["g/change"].isnan()
    assert Stagnation().measure(window())["g/change"].isnan()


def test_zero_weights_that_rest_rest() -> None:
    found = Stagnation().measure(window(g_weights=torch.zeros(2)))
    assert float(found["g/change"]) == 0


@pytest.mark.parametrize(("player", "other"), [("g", "d"), ("d", "g")])
@pytest.mark.parametrize("tv", [0.9, 0.2, nan])
def test_one_player_frozen_while_the_other_moves_fails(player: str, other: str, tv: float) -> None:
    changes = {f"{player}__change": [nan, 0.1, 0.1, 0.0, 0.0], f"{other}__change": 0.1}
    verdict = Stagnation().judge(past(bins__tv=tv, **changes))
    assert verdict is not None
    assert (verdict.kind, verdict.severity, verdict.onset, verdict.iteration) == ("stagnation", "failure", 400, 500)
    assert verdict.evidence[f"{player}/change"] == 0
    assert ("generator" if player == "g" else "discriminator") in verdict.reason


def test_one_check_at_rest_is_not_enough() -> None:
    assert Stagnation().judge(past(g__change=[nan, 0.1, 0.0], d__change=0.1)) is None


def test_learning_rates_that_decay_to_zero_with_good_samples_are_healthy() -> None:
    decay = [nan, *(0.1 * (1 + cos(pi * check / 100)) / 2 for check in range(101))]
    slower = [change / 4 for change in decay]
    for end in range(3, len(decay) + 1):
        assert Stagnation().judge(past(d__change=decay[:end], g__change=slower[:end], bins__tv=0.2)) is None


def test_both_at_rest_with_bad_samples_fail() -> None:
    verdict = Stagnation().judge(past(d__change=[nan, 0.1, 1e-4, 1e-4], g__change=1e-5, bins__tv=0.8))
    assert verdict is not None
    assert (verdict.severity, verdict.onset) == ("failure", 300)
    assert "bad (bins/tv 0.80)" in verdict.reason


def test_both_at_rest_with_middling_or_unknown_samples_warn() -> None:
    for tv in (0.45, nan):
        verdict = Stagnation().judge(past(d__change=[nan, 0.1, 1e-4, 1e-4], g__change=1e-4, bins__tv=tv))
        assert verdict is not None
        assert verdict.severity == "warning"


def test_the_limit_shrinks_with_the_time_between_checks() -> None:
    changes = {"d__change": [nan, 0.01, 0.01, 0.01], "g__change": [nan, 0.01, 3e-4, 3e-4]}
    assert Stagnation().judge(past(every=100, **changes)) is not None
    assert Stagnation().judge(past(every=10, **changes)) is None


def test_losses_that_do_not_move_at_all_fail_beside_bad_samples() -> None:
    moving = {"d__change": 0.01, "g__change": 0.01}
    losses = {"d__loss": [0.9, *[1.3863] * 5], "g__loss": [1.0, *[0.6931] * 5]}
    verdict = Stagnation().judge(past(bins__tv=0.9, **losses, **moving))
    assert verdict is not None
    assert (verdict.severity, verdict.onset) == ("failure", 200)
    assert "1.386" in verdict.reason
    assert Stagnation().judge(past(d__loss=[1.3863] * 6, g__loss=0.6931, bins__tv=0.2, **moving)) is None
    assert Stagnation().judge(past(d__loss=[1.38, 1.39] * 3, g__loss=0.6931, bins__tv=0.9, **moving)) is None
    assert Stagnation().judge(past(d__loss=[nan] * 6, g__loss=0.6931, bins__tv=0.9, **moving)) is None
