"""A run's folder becomes curves and marks, whoever logged it."""

import json
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

from gan_lightning.pictures import Course, Mark, draw_curves, draw_diversity, draw_run, draw_run_diversity, read_course
from gan_lightning.pictures.read_course import marks_of, read_marks


def verdict(kind: str, severity: str, onset: int, iteration: int) -> dict:
    return {"event": "verdict", "kind": kind, "severity": severity, "onset": onset, "iteration": iteration}


def remedy(doing: str, name: str, iteration: int) -> dict:
    return {"event": "remedy", "doing": doing, "remedy": name, "against": "oscillation", "iteration": iteration}


EVENTS = [
    verdict("mode_collapse", "warning", 100, 300),
    {"event": "check", "iteration": 300, "values": {"fakes/vendi": 0.5, "d/score": 0.75, "bins/tv": None}},
    verdict("mode_collapse", "failure", 100, 400),
    remedy("applied", "R1 + R2", 400),
    remedy("would apply", "lower rates", 400),
    {"event": "over", "kind": "mode_collapse", "onset": 100, "iteration": 900},
    verdict("mode_collapse", "warning", 1000, 1200),
    remedy("undone", "R1 + R2", 1300),
    remedy("passed over", "other", 1300),
    remedy("gave up", "", 1500),
]
MARKS = [
    Mark("mode collapse", "failure", 100, 900),
    Mark("R1 + R2", "remedy", 400, 1300),
    Mark("lower rates (advised)", "remedy", 400),
    Mark("mode collapse", "warning", 1000),
    Mark("gave up", "remedy", 1500),
]


def leave(folder: Path, events: list = (), table: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    if events:
        lines = [json.dumps({"monitor": "HealthMonitor", **event}) for event in events]
        (folder / "health.jsonl").write_text("\n".join(lines) + "\n")
    if table:
        (folder / "metrics.csv").write_text(table)
    return folder


def test_events_become_marks() -> None:
    assert marks_of(EVENTS) == MARKS


def test_a_run_that_has_both_is_read_from_both(tmp_path: Path) -> None:
    table = "step,d/loss,g/loss,health/fakes/coverage\n49,1.5,0.5,\n99,1.25,,0.25\n"
    course = read_course(leave(tmp_path / "run", EVENTS, table))
    assert course.name == "run"
    assert course.series == {"d/loss": {50: 1.5, 100: 1.25}, "g/loss": {50: 0.5}, "d/score": {300: 0.75}}
    assert course.health["fakes/vendi"] == {300: 0.5}
    assert course.health["fakes/coverage"] == {100: 0.25}
    assert list(course.marks) == MARKS
    assert course.last == 1500


def test_a_run_without_a_monitor_is_judged_from_its_losses(tmp_path: Path) -> None:
    rows = "".join(f"{step},0.001,9.0\n" for step in range(0, 3000, 50))
    course = read_course(leave(tmp_path / "run", table="step,errD,errG\n" + rows))
    assert "discriminator dominates" in {mark.name for mark in course.marks}


def test_a_run_without_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without a loss, a score or a check"):
        read_course(leave(tmp_path / "run", table="step,lr\n0,0.1\n"))
    with pytest.raises(ValueError, match="holds no log of a run"):
        draw_run(leave(tmp_path / "empty"))


def test_a_run_that_still_goes_on_may_have_no_monitor(tmp_path: Path) -> None:
    assert read_marks(leave(tmp_path / "none")) == []
    assert read_marks(leave(tmp_path / "run", EVENTS)) == MARKS


def test_what_was_found_and_done_is_on_every_panel_and_in_a_lane_of_its_own(tmp_path: Path) -> None:
    figure = draw_run(leave(tmp_path / "run", EVENTS, "step,d/loss,g/loss\n49,1.5,0.5\n1499,1.25,1.0\n"))
    loss, score, lanes = figure.axes
    assert loss.get_title(loc="left") == "loss"
    for panel in (loss, score):
        assert len(panel.patches) == 2  # verdicts
        assert [line.get_xdata()[0] for line in panel.lines if line.get_linestyle() == "--"] == [400, 400, 1500]
        assert panel.get_xlim() == lanes.get_xlim() == (0, 1500)
    names = ["mode collapse", "R1 + R2", "lower rates (advised)", "gave up"]
    assert [label.get_text() for label in lanes.get_yticklabels()] == names
    spans = [tuple(bar.get_paths()[0].get_extents().intervalx) for bar in lanes.collections]
    assert spans == [(100, 900), (400, 1300), (400, 1500), (1000, 1500), (1500, 1505)]


def test_many_values_are_smoothed_and_losses_that_explode_leave_the_rest_readable() -> None:
    quiet = {at: 1 + 0.5 * (-1) ** at for at in range(400)}
    axes = draw_curves(Course("x", {"d/loss": quiet, "g/loss": {0: 1.0}})).axes[0]
    raw, smooth = (line.get_ydata() for line in axes.lines[:2])
    assert np.ptp(raw) == 1
    assert np.ptp(smooth[20:-20]) < 0.02
    assert axes.get_yscale() == "linear"
    assert draw_curves(Course("x", {"d/loss": quiet | {401: 1e6}})).axes[0].get_yscale() == "symlog"


def test_what_is_not_finite_is_a_gap_and_a_cross() -> None:
    axes = draw_curves(Course("x", {"d/loss": {0: 1.0, 50: nan, 100: inf, 150: 2.0}})).axes[0]
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, True, True, False]
    assert axes.collections[0].get_offsets()[:, 0].tolist() == [50, 100]


def test_diversity_is_beside_that_of_real_samples(tmp_path: Path) -> None:
    health = {"fakes/vendi": {0: 0.2, 100: 0.9}, "bins/tv": {0: 0.9}, "bins/tv_real": {0: 0.1}}
    ratios, shares = draw_diversity(Course("x", health=health)).axes
    assert [line.get_label() for line in ratios.lines] == ["Vendi score", "as diverse as real"]
    assert [line.get_label() for line in shares.lines] == ["distance of bins", "that of real samples"]
    assert len(draw_run_diversity(leave(tmp_path / "run", EVENTS)).axes) == 3
    with pytest.raises(ValueError, match="HealthMonitor"):
        draw_diversity(Course("x", {"d/loss": {0: 1.0}}))


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="neither losses nor scores"):
        draw_curves(Course("x"))
