"""``health/...`` in every logger there is, beside what the module logs itself."""

import csv
import math
from pathlib import Path

import pytest
from lightning.pytorch.loggers import CSVLogger, WandbLogger
from watched import Keeps, Says, heard, monitor, run

from gan_lightning.health import read_events
from gan_lightning.health.events import FILE


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(folder: str) -> list[dict[str, str]]:
    with open(f"{folder}/metrics.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def test_one_call_per_check_at_the_step_of_lightnings_own_log() -> None:
    keeps = Keeps()
    watching = monitor(Says("mode_collapse", 30, 40), Says("oscillation", 10**9))
    run(watching, iterations=70, logger=keeps, log_every_n_steps=10)
    checks = keeps.of_health()
    assert [step for _, step in checks] == [9, 19, 29, 39, 49, 59, 69]
    own = [step for each, step in keeps.logged if "d/loss" in each and step is not None]
    assert own == [9, 19, 29, 39, 49, 59, 69]
    assert [each["health/verdicts"] for each, _ in checks] == [0, 0, 1, 1, 1, 0, 0]
    assert [each.get("health/mode_collapse") for each, _ in checks] == [None, None, 1, 1, 1, 0, 0]
    assert all("health/oscillation" not in each for each, _ in checks)
    spread = [each["health/mode_collapse/spread"] for each, _ in checks]
    assert spread == watching.history.last("mode_collapse/spread", 7)
    assert all(math.isfinite(value) for each, _ in checks for value in each.values())


class Down(Keeps):
    """A logger that is away when health is logged for the third time."""

    def log_metrics(self, metrics, step=None) -> None:
        super().log_metrics(metrics, step)
        if len(self.of_health()) == 3:
            raise ConnectionError("away for a while")


@pytest.mark.filterwarnings("ignore:Down could not log numbers")
def test_a_verdict_is_told_though_a_logger_fails_at_that_check() -> None:
    down, keeps = Down(), Keeps()
    with heard() as texts:
        run(monitor(Says("mode_collapse", 30)), iterations=60, logger=[down, keeps])
    assert any("mode collapse" in text and "since iteration 30" in text for text in texts)
    (file,) = Path().rglob(FILE)
    assert [event["iteration"] for event in read_events(file) if event["event"] == "verdict"] == [30]
    assert len(keeps.of_health()) == len(down.of_health()) == 6


def test_csv_takes_a_late_column_and_keeps_the_modules_own_rows() -> None:
    plain, watched = CSVLogger(".", "plain"), CSVLogger(".", "watched")
    run(iterations=60, logger=plain, log_every_n_steps=5)
    run(monitor(Says("mode_collapse", 30)), iterations=60, logger=watched, log_every_n_steps=5)
    own = [{name: value for name, value in row.items() if value} for row in table(plain.log_dir)]
    rows = [{name: value for name, value in row.items() if value} for row in table(watched.log_dir)]
    checks = [row for row in rows if "health/verdicts" in row]
    assert [row for row in rows if row not in checks] == own
    assert [row["step"] for row in checks] == ["9", "19", "29", "39", "49", "59"]
    assert [row.get("health/mode_collapse") for row in checks] == [None, None, "1.0", "1.0", "1.0", "1.0"]
    assert Path(watched.log_dir, "health.jsonl").exists()


def test_tensorboard_has_the_scalars() -> None:
    pytest.importorskip("tensorboard")
    from lightning.pytorch.loggers import TensorBoardLogger
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logger = TensorBoardLogger(".")
    run(monitor(Says("mode_collapse", 30)), logger=logger)
    found = EventAccumulator(logger.log_dir).Reload()
    assert [each.step for each in found.Scalars("health/verdicts")] == [9, 19, 29, 39, 49, 59]


def test_wandb_has_the_scalars_and_an_alert_per_new_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_SILENT", "true")
    logger = WandbLogger(offline=True, save_dir=".")
    sent: list[dict[str, str]] = []
    monkeypatch.setattr(logger.experiment, "alert", lambda **fields: sent.append(fields))
    run(monitor(Says("mode_collapse", 30), Says("oscillation", 40, severity="warning")), logger=logger)
    assert [each["title"] for each in sent] == ["mode collapse since iteration 30"]
    assert "1. look" in sent[0]["text"]
    assert logger.experiment.summary["health/verdicts"] == 2
    logger.experiment.finish()


def test_every_one_of_several_loggers_is_served() -> None:
    several = [Keeps(), CSVLogger("."), Keeps()]
    run(monitor(Says()), logger=several)
    assert several[0].of_health() == several[2].of_health()
    assert len(several[0].of_health()) == 6
    assert sum("health/verdicts" in row and row["health/verdicts"] != "" for row in table(several[1].log_dir)) == 6


def test_without_a_logger_there_is_the_file() -> None:
    run(monitor(Says()))
    events = read_events(".")
    assert [each["event"] for each in events].count("check") == 6
    assert events[0]["networks"] == {"generator": ["generator"], "discriminator": ["discriminator"]}
    assert events[0]["detectors"][0]["settings"]["begin"] == 30
    assert events[-1]["verdicts"][0]["end"] is None
