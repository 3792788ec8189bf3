"""What is logged, when, and that it costs nothing at other steps."""

import pytest
import torch
from helpers import fit, make, points
from lightning.pytorch import Callback

from gan_lightning import GAN, R1


def test_what_is_logged_is_of_the_step_that_logs() -> None:
    rows = {}

    class Spy(GAN):
        def d_terms(self, step):
            terms = super().d_terms(step)
            rows[self.iteration] = float(terms["adv"].detach())
            return terms

    class Read(Callback):
        def __init__(self) -> None:
            self.logged = {}

        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
            if "d/loss" in trainer.callback_metrics:
                self.logged[pl_module.iteration - 1] = float(trainer.callback_metrics["d/loss"])

    read = Read()
    fit(make(Spy), points(batches=7), log_every_n_steps=3, callbacks=[read])
    assert read.logged[2] == pytest.approx(rows[2])
    assert read.logged[5] == pytest.approx(rows[5])
    assert 1 not in read.logged


def test_terms_are_logged_under_their_names_and_forgotten_by_lightning() -> None:
    left = []

    class Look(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx) -> None:
            left.append(len(trainer._results))

    run = fit(make(R1), points(batches=7), log_every_n_steps=3, callbacks=[Look()])
    assert {"d/loss", "d/adv", "d/r1", "g/loss", "d/score", "g/score"} == set(run.callback_metrics)
    total = run.callback_metrics["d/adv"] + run.callback_metrics["d/r1"]
    torch.testing.assert_close(run.callback_metrics["d/loss"], total)
    assert left == [0, 0, 0, 6, 0, 0, 6], "read out once, then gone"


def test_divergence_is_told_once() -> None:
    def leap(params):
        return torch.optim.SGD(params, lr=1e30)

    with pytest.warns(UserWarning, match="became NaN or infinite: the run has diverged") as told:
        fit(make(optimizer_d=leap, optimizer_g=leap), points(batches=9), log_every_n_steps=2)
    assert sum("diverged" in str(warning.message) for warning in told) == 1


def test_a_checkpoint_can_follow_what_is_logged(tmp_path) -> None:
    from lightning.pytorch.callbacks import ModelCheckpoint

    follow = ModelCheckpoint(tmp_path, monitor="g/loss", every_n_epochs=1)
    run = fit(make(), points(batches=7), log_every_n_steps=3, callbacks=[follow], enable_checkpointing=True)
    assert follow.best_model_score == run.callback_metrics["g/loss"]
