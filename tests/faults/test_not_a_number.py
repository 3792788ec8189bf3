"""A batch with NaN: told at the next logged step, at the next check, and when it is saved; on every rank alike."""

from pathlib import Path

import pytest
import torch
from faults.rank_runs import poisoned, two, with_a_nan_on_one
from helpers import fit, make, trainer, weights

from gan_lightning.health import HealthMonitor
from gan_lightning.health.detectors import Divergence


def test_it_is_told_at_the_next_logged_step_and_when_it_is_saved(tmp_path: Path) -> None:
    gan = make()
    with pytest.warns(UserWarning, match="became NaN or infinite: the run has diverged, or a batch holds NaN"):
        run = fit(gan, poisoned(12, 5), log_every_n_steps=4)
    assert weights(gan).isnan().any()
    with pytest.warns(UserWarning, match="weights that hold NaN or infinity are being saved"):
        run.save_checkpoint(tmp_path / "x.ckpt")


def test_healthy_weights_are_saved_in_silence(tmp_path: Path) -> None:
    fit(make()).save_checkpoint(tmp_path / "x.ckpt")


def test_a_monitor_finds_it_at_the_next_check() -> None:
    monitor = HealthMonitor([Divergence()], every=20, samples=64)
    fit(make(), poisoned(120, 88, n=32), callbacks=[monitor], log_every_n_steps=0)
    (verdict,) = monitor.verdicts
    assert (verdict.kind, verdict.severity, verdict.iteration) == ("divergence", "failure", 100)


def test_a_nan_in_the_first_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of the 8 real samples in the first batch hold NaN"):
        trainer().fit(make(), poisoned(3, 0))


@pytest.mark.faults
@pytest.mark.ddp
def test_one_ranks_nan_reaches_all_and_hangs_none(tmp_path: Path) -> None:
    lives = two(with_a_nan_on_one, tmp_path)
    assert [life.end() for life in lives] == [0, 0], lives[0].said()
    assert "became NaN or infinite" in lives[0].said()
    assert torch.load(tmp_path / "end.pt")["generator.0.0.weight"].isnan().any()
