from types import SimpleNamespace

import pytest
from helpers import fit, make, points

from gan_lightning.callbacks import GANProgressBar


def last_line(capsys: pytest.CaptureFixture, **arguments) -> str:
    bar = GANProgressBar(seconds=0)
    fit(make(), points(batches=3), callbacks=[bar], enable_progress_bar=True, log_every_n_steps=1, **arguments)
    shown = capsys.readouterr()
    return (shown.out + shown.err).splitlines()[-1].rsplit("\r", 1)[-1]


def test_losses_and_scores_are_shown_in_short(capsys: pytest.CaptureFixture) -> None:
    line = last_line(capsys)
    for name in ("d/loss=", "g/loss=", "d/score=0.", "g/score=0.", "Epoch 0", "3/3"):
        assert name in line
    assert "v_num" not in line


def test_with_max_steps_it_is_one_bar_over_the_run(capsys: pytest.CaptureFixture) -> None:
    line = last_line(capsys, max_epochs=None, max_steps=8)
    assert "8/8" in line
    assert "Training" in line
    assert "d/loss=" in line


def test_numbers_are_rounded() -> None:
    trainer = SimpleNamespace(progress_bar_metrics={"d/loss": 1.23456}, loggers=[])
    assert GANProgressBar().get_metrics(trainer, None) == {"d/loss": "1.23"}
