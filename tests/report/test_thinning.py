"""Few points, and no peak lost."""

from math import inf, nan

import torch

from gan_lightning.report.charts import charts_of
from gan_lightning.report.thinning import thinned


def test_extremes_and_ends_survive() -> None:
    values = torch.randn(100_000).tolist()
    values[31_234], values[77_777] = 50.0, -60.0
    points = thinned(dict(enumerate(values)), 2000)
    assert len(points) <= 2000
    assert {(31_234, 50.0), (77_777, -60.0)} <= set(points)
    assert [points[0][0], points[-1][0]] == [0, 99_999]
    assert [at for at, _ in points] == sorted({at for at, _ in points})


def test_every_stretch_keeps_its_lowest_and_highest() -> None:
    series = {at: float(value) for at, value in enumerate(torch.randn(1000))}
    kept = {at for at, _ in thinned(series, 302)}
    for i in range(100):
        stretch = range(1 + i * 998 // 100, 1 + (i + 1) * 998 // 100)
        assert {max(stretch, key=series.__getitem__), min(stretch, key=series.__getitem__)} <= kept


def test_what_is_not_finite_stays_a_gap() -> None:
    series = {at: nan if 400 <= at < 600 else 1.0 for at in range(1000)}
    points = thinned(series, 100)
    assert any(value is None for at, value in points if 400 <= at < 600)
    assert all(value is None for at, value in points if 400 <= at < 600)


def test_short_curves_are_left_alone() -> None:
    assert thinned({1: 1.0, 5: 2.0}, 100) == [(1, 1.0), (5, 2.0)]


def test_a_broken_loss_is_drawn_and_counted() -> None:
    (chart,) = charts_of([{"d/loss": {1: 1.0, 2: inf, 3: nan}}], [{}])
    assert chart["curves"][0]["y"] == [1.0, None, None]
    assert chart["curves"][0]["broken"] == [2, 3]
    assert chart["rows"][0]["broken"] == 2


def test_all_curves_together_have_a_limit() -> None:
    run = {f"value_{i}": {at: float(at) for at in range(1000)} for i in range(200)}
    drawn = sum(len(curve["x"]) for chart in charts_of([run], [{}]) for curve in chart["curves"])
    assert drawn <= 120_000
