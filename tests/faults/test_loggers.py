"""A logger that fails costs its own entries, and never what is saved."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from faults import small_run
from faults.disturbers import Fails, UnreachableError
from faults.lives import Life
from faults.rank_runs import with_wandb
from health.test_loggers import Keeps
from helpers import trainer
from watched import Says, monitor, run

from gan_lightning.logging import alert, log_image, log_scalars


class Loud(Fails):
    """Its experiment cannot even be reached."""

    @property
    def experiment(self):
        raise UnreachableError("no route to host")


@pytest.mark.parametrize("logger", [Fails, Loud])
def test_our_own_entries_are_lost_with_one_warning_and_other_loggers_get_theirs(logger: type[Fails]) -> None:
    other = Keeps()
    own = trainer(logger=[logger(), other])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            log_scalars(own, {"health/verdicts": 1.0})
            log_image(own, "samples", np.zeros((2, 2, 3), np.uint8))
            alert(own, "mode collapse", "look")
    assert [str(each.message).partition(" (")[0] for each in told] == [
        f"{logger.__name__} could not log numbers: UnreachableError: no route to host"
    ]
    assert [each for each, _ in other.logged] == [{"health/verdicts": 1.0}] * 3
    assert list(Path().rglob("samples-*.png"))  # no logger has taken it


def test_a_monitor_goes_on_without_its_logger() -> None:
    watching, other = monitor(Says("mode_collapse", 30)), Keeps()
    with pytest.warns(UserWarning, match="Fails could not log numbers"):
        _, trained = run(watching, iterations=60, logger=[Fails(), other], log_every_n_steps=0)
    assert trained.fit_loop.total_batch_idx + 1 == 60
    assert len(other.of_health()) == 6
    assert [verdict.kind for verdict in watching.verdicts] == ["mode_collapse"]


def test_what_lightning_logs_itself_ends_the_run_and_nothing_saved_is_lost(tmp_path: Path) -> None:
    straight = small_run.undisturbed(tmp_path / "straight", 12)
    with pytest.raises(UnreachableError):
        small_run.train(tmp_path, 12, logger=Fails(after=2))
    assert small_run.differences(straight, small_run.resumed(tmp_path, 12)) == []


@pytest.mark.faults
def test_wandb_that_cannot_be_reached_says_so_at_the_start_and_offline_trains(tmp_path: Path) -> None:
    away = {"WANDB_BASE_URL": "http://127.0.0.1:9", "WANDB_API_KEY": "0" * 40, "WANDB_SILENT": "true"}
    online = Life(with_wandb, tmp_path, log=tmp_path / "online.log", WANDB_MODE="online", **away)
    assert online.end() == 1
    assert "wandb" in online.said()
    assert not list(tmp_path.glob("*.ckpt"))  # it has not begun, so nothing is lost
    offline = Life(with_wandb, tmp_path, log=tmp_path / "offline.log", WANDB_MODE="offline", **away)
    assert offline.end() == 0, offline.said()
    assert (tmp_path / "end.pt").exists()
