"""What a history keeps, forgets and remembers for ever."""

import math

import pytest
import torch

from gan_lightning.health.detectors import DeadStart
from gan_lightning.health.history import LENGTH, SPAN, History


def of(**series):
    history = History()
    for check, values in enumerate(zip(*series.values(), strict=True), 1):
        history.add(100 * check, dict(zip(series, values, strict=True)))
    return history


def test_a_value_that_comes_later_was_unknown_before():
    history = History()
    history.add(100, {"a": 1.0})
    history.add(200, {"b": 2.0})
    assert history.last("b", 5)[1:] == [2.0]
    assert math.isnan(history.last("b", 5)[0])
    assert math.isnan(history.now("a"))
    assert history.last("never", 3) == []


def test_a_level_counts_when_two_checks_hold_it():
    assert of(a=[0.9, 0.1, 0.9, 0.3, 0.4]).lowest("a") == 0.4
    assert of(a=[0.9, 0.1, 0.9, 0.3, 0.4]).highest("a") == 0.3
    assert of(a=[0.1]).lowest("a") == math.inf
    assert of(a=[0.1, math.nan, 0.1]).lowest("a") == math.inf


def test_levels_outlive_the_checks_they_came_from():
    history = History(length=3)
    for check, value in enumerate([0.1, 0.2, 0.9, 0.9, 0.9, 0.9]):
        history.add(SPAN * check, {"a": value})
    assert history.last("a", 10) == [0.9, 0.9, 0.9]
    assert history.lowest("a") == 0.2


def test_since_counts_iterations():
    assert of(a=[1.0, 2.0, 3.0, 4.0]).since("a", 200) == [2.0, 3.0, 4.0]


def test_a_history_that_was_saved_goes_on_as_if_nothing_had_been():
    straight, saved = of(a=[0.9, 0.3, 0.2], b=[1.0, 2.0, 3.0]), History()
    saved.load_state_dict(straight.state_dict())
    for history in (straight, saved):
        history.add(400, {"a": 0.1})
        history.add(500, {"a": 0.1, "c": 1.0})
    assert str(saved.state_dict()) == str(straight.state_dict())
    assert saved.lowest("a") == 0.1
    assert saved.iteration == 500


@pytest.mark.parametrize("every", [1, 7, 100, 4000])
def test_frequent_checks_reach_as_far_back_and_memory_is_bounded(every):
    history = History()
    for check in range(1, 3 * SPAN // every + 2 * LENGTH):
        history.add(every * check, {"a": float(check)})
    assert len(history) == len(history.last("a", 10**9)) == max(LENGTH, SPAN // every + 1)


@pytest.mark.parametrize("every", [1, 5, 20])
def test_slow_progress_is_no_dead_start_however_often_it_is_looked_at(every):
    history, noise = History(), torch.Generator().manual_seed(0)
    for iteration in range(every, 2501, every):
        value = 0.95 - 0.12 * iteration / 1000 + 0.015 * float(torch.randn((), generator=noise))
        history.add(iteration, {"bins/tv": value})
        assert DeadStart().judge(history) is None
