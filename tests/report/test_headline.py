"""What is said first of a run."""

from dataclasses import replace
from pathlib import Path

import pytest
from reported_runs import COLLAPSE, watch, write_losses

from gan_lightning.report.headline import Headline, headline
from gan_lightning.report.reading import read_record

WARNING = replace(COLLAPSE, kind="oscillation", severity="warning", onset=300)


def told(folder: Path) -> Headline:
    return headline(read_record(folder))


def test_healthy() -> None:
    said = told(watch(write_losses(Path("run"))))
    assert (said.status, said.title) == ("healthy", "Healthy: no failure seen in 1,000 iterations")
    assert said.detail == "1,000 iterations; 10 checks; it finished"


@pytest.mark.parametrize(
    ("verdicts", "over", "status", "title"),
    [
        ((COLLAPSE,), None, "failing", "Mode collapse since iteration 600"),
        ((COLLAPSE, WARNING), None, "failing", "Mode collapse since iteration 600"),
        (
            (COLLAPSE, replace(COLLAPSE, kind="divergence", onset=700)),
            None,
            "failing",
            "Mode collapse since iteration 600, with divergence",
        ),
        ((WARNING,), None, "warning", "Oscillation since iteration 300; no failure seen in 1,000 iterations"),
        ((COLLAPSE,), 900, "recovered", "Recovered at iteration 900 from mode collapse"),
        ((WARNING,), 900, "healthy", "Healthy: no failure seen in 1,000 iterations, 1 warning that passed"),
    ],
)
def test_verdicts(verdicts: tuple, over: int | None, status: str, title: str) -> None:
    said = told(watch(write_losses(Path("run")), *verdicts, over=over))
    assert (said.status, said.title) == (status, title)


def test_what_mended_it_is_told() -> None:
    assert "treated with R1 + R2" in told(watch(write_losses(Path("run")), COLLAPSE, over=900)).detail


def test_a_killed_run() -> None:
    assert "it was killed, or still goes on" in told(watch(Path("run"), ended=None)).detail
    assert "it ended with KeyboardInterrupt" in told(watch(Path("other"), ended="KeyboardInterrupt")).detail


def test_nobody_watched() -> None:
    said = told(write_losses(Path("run")))
    assert (said.status, said.title) == ("unknown", "Nobody watched these 981 iterations")
    assert "gan-lightning diagnose run" in said.detail


def test_losses_alone_may_tell() -> None:
    Path("run").mkdir()
    rows = [f"{100 * i},0.01,9.0" for i in range(12)]
    Path("run/metrics.csv").write_text("\n".join(["step,d_loss,g_loss", *rows]))
    said = told(Path("run"))
    assert said.status == "failing"
    assert said.title.startswith("Nobody watched this run; its losses suggest: discriminator dominates since")


def test_judged_again_from_columns() -> None:
    columns = {"health/nonfinite": "1.0", "health/divergence": "1.0"}
    said = told(write_losses(Path("run"), **columns))
    assert said.title.startswith("Divergence since iteration")
    assert "judged again" in said.detail


def test_never_checked() -> None:
    folder = write_losses(Path("run"))
    Path("run/health.jsonl").write_text(
        '{"event": "start", "iteration": 0, "monitor": "HealthMonitor"}\n{"event": "che'
    )
    assert told(folder).title == "Not known: the run was not checked even once, it has 981 iterations"


def test_nothing_was_logged() -> None:
    Path("run").mkdir()
    Path("run/metrics.csv").write_text("")
    assert told(Path("run")).title == "Not known: the run logged no numbers"
