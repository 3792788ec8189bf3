"""The page's content, and what becomes of bad input."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from reported_runs import COLLAPSE, draw, evaluate, watch, whole, write_losses

from gan_lightning.report import page, write_report
from gan_lightning.report.pictures import reels_of

REAL = page._needed
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _small_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the five megabytes out of pages that no browser opens."""
    small = SimpleNamespace(get_plotlyjs=lambda: "var Plotly;")
    pytest.importorskip("jinja2", reason="jinja2 is not installed: pip install 'gan-lightning[report]'")
    monkeypatch.setattr(page, "_needed", lambda name: REAL(name) if name == "jinja2" else small)


def html(*places: Path) -> str:
    return write_report(places).read_text()


def data_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.search(r'id="data">(.+?)</script>', text)[1])
    return found


def test_one_run() -> None:
    text = html(whole(Path("run"), COLLAPSE))
    data = data_of(text)
    assert Path("run/report.html").is_file()
    assert "<h1>Mode collapse since iteration 600</h1>" in text
    assert [frame["at"] for frame in data["reels"][0]["samples"]] == [100, 200, 300, 1000]
    assert [chart["title"] for chart in data["charts"]][:2] == ["fid", "Losses"]
    assert data["charts"][0]["floors"] == [{"run": 0, "name": "metrics/fid", "value": 1.5}]
    assert data["runs"][0]["events"] == [{"n": 1, "sort": "failure", "title": "Mode collapse", "x0": 600, "x1": None}]
    for told in ("it lost half", "too rare real", "restart", "n_fake", "model.lr", "my.SampleGrid", "3.11.7"):
        assert told in text, told


def test_losses_and_checks_count_alike() -> None:
    curves = {
        curve["name"]: curve["x"] for chart in data_of(html(whole(Path("run"))))["charts"] for curve in chart["curves"]
    }
    assert curves["d/loss"][:2] == [1, 21]
    assert curves["health/bins/tv"][:2] == [100, 200]


def test_runs_are_compared() -> None:
    text = html(whole(Path("a"), COLLAPSE, over=900), whole(Path("b"), lr=0.5))
    assert Path("report.html").is_file()
    assert "2 runs compared" in text
    assert "Recovered at iteration 900 from mode collapse" in text
    assert "Healthy: no failure seen" in text
    assert len(re.findall(r'class="differs"', text)) == 1
    charts = {chart["title"]: chart for chart in data_of(text)["charts"]}
    assert [curve["run"] for curve in charts["Losses: d/loss"]["curves"]] == [0, 1]


def test_each_run_has_its_own_floor() -> None:
    a, b, c = (evaluate(write_losses(Path(name))) for name in "abc")
    lines = (b / "metrics.jsonl").read_text().replace('"floors": {"fid": 1.5}', '"floors": {"fid": 2.5}')
    (b / "metrics.jsonl").write_text(lines)
    (c / "metrics.jsonl").write_text(lines.replace('"fid": 2.5', '"fid": null'))
    (fid,) = (chart for chart in data_of(html(a, b, c))["charts"] if chart["title"] == "fid")
    assert [(floor["run"], floor["value"]) for floor in fid["floors"]] == [(0, 1.5), (1, 2.5)]


def test_names_are_text() -> None:
    folder = watch(write_losses(Path("run"), **{f"d/loss_{EVIL}": "1.0", f"{EVIL}/loss": "2.0"}))
    (folder / "config.yaml").write_text(f'"{EVIL}": "</script>{EVIL}"\n')
    text = html(folder)
    assert "<img src=x" not in text
    assert text.count("</script>") == text.count("<script")
    assert f"d/loss_{EVIL}" in [curve["name"] for chart in data_of(text)["charts"] for curve in chart["curves"]]


def test_a_log_that_was_cut_off() -> None:
    folder = watch(write_losses(Path("run")), ended=None)
    with open("run/metrics.csv", "a") as stream:
        stream.write("1.2,0.")
    with open("run/health.jsonl", "a") as stream:
        stream.write('{"event": "check", "iteration": 1100, "val')
    assert "it was killed, or still goes on" in html(folder)


def test_no_numbers_at_all() -> None:
    Path("run").mkdir()
    Path("run/metrics.csv").write_text("")
    assert "Not known: the run logged no numbers" in html(Path("run"))
    assert data_of(html(evaluate(Path("run"))))["last"] == 1000


def test_the_last_picture_alone() -> None:
    folder = draw(write_losses(Path("run")))
    for frame in (folder / "media").iterdir():
        frame.unlink()
    assert [frame["at"] for frame in data_of(html(folder))["reels"][0]["samples"]] == [981]


def test_numbers_that_are_none() -> None:
    text = html(write_losses(Path("run"), **{"d/r1": "nan", "g/speed": "inf"}))
    assert "was NaN or infinite at 50 of 50 logged iterations" in text
    assert "NaN" not in re.search(r'id="data">(.+?)</script>', text)[1]


def test_many_rows_stay_small() -> None:
    assert len(html(write_losses(Path("run"), 40_000, 1))) < 300_000


def test_pictures_stay_within_their_budget() -> None:
    folder = draw(Path("run"), 70, 96)
    reel = reels_of(folder, 9500, 40_000)["samples"]
    assert sum(len(frame.uri) for frame in reel.frames) * 3 / 4 < 40_000 + 100 * len(reel.frames)
    assert reel.found == 71
    assert len(reel.frames) > 2
    assert [reel.frames[0].at, reel.frames[-1].at] == [100, 9500]


def test_thinned_pictures_are_said_and_broken_ones_left_out() -> None:
    folder = draw(write_losses(Path("run")), 80)
    (folder / "media" / "samples-0000999.png").write_bytes(b"\x89PNG half")
    (folder / "media" / "broken-0000001.png").write_bytes(b"")
    text = html(folder)
    assert "of 80 pictures are in this page" in text
    assert "1 picture could not be read" in text


def test_unreadable_configuration_is_shown_as_it_is() -> None:
    folder = write_losses(Path("run"))
    (folder / "hparams.yaml").write_text("lr: !!python/object:my.Rate {}\n")
    assert "!!python/object:my.Rate" in html(folder)


def test_refusals() -> None:
    Path("empty").mkdir()
    folder = write_losses(Path("run"))
    for places, complaint in (
        (("empty",), "'empty' holds no log of a run"),
        (("nowhere",), "there is no 'nowhere'"),
        ((folder, "./run"), "was named twice"),
        ((folder,) * 7, "expected 1 to 6 runs, got 7"),
    ):
        with pytest.raises(ValueError, match=complaint):
            write_report(places)
    assert not Path("report.html").exists()


@pytest.mark.parametrize("missing", ["plotly", "jinja2"])
def test_a_missing_package_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_needed", REAL)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError, match=f"needs {missing}, .* pip install 'gan-lightning\\[report\\]'"):
        html(write_losses(Path("run")))
