"""Non-finite weights: back to the last healthy state, and on from there; on one rank and on two; and resumed."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import Official
from helpers import InterruptError, fit, make
from lightning.pytorch import Callback
from lightning.pytorch.strategies import DDPStrategy
from treated_runs import Halt, Planted, StopsAt, data, same
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import GAN, GeneratorEMA
from gan_lightning.health import HealthMonitor
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.restart import Restart
from gan_lightning.health.remedies.rollback import Rollback
from gan_lightning.health.remedies.zero_centered_penalties import ZeroCenteredPenalties


class PoisonedGAN(GAN):
    """Meets a batch that is not finite, on the last rank."""

    poisoned_at: tuple[int, ...] = (305,)
    batches = 0

    def training_step(self, batch: Any, batch_idx: int) -> None:
        self.batches += 1
        if self.batches in self.poisoned_at and self.global_rank == self.trainer.world_size - 1:
            batch = batch * float("nan")
        super().training_step(batch, batch_idx)


def ladder(*rungs: Any, **arguments: Any) -> Ladder:
    given = rungs or ([Rollback(), ZeroCenteredPenalties(gamma=0.1)], [Restart()])
    return Ladder({"divergence": given}, snapshot_every=100, **arguments)


def monitor(treatment: Ladder, *spans: tuple[int, int]) -> HealthMonitor:
    return HealthMonitor([Planted("divergence", *spans)], every=20, samples=64, remedies=treatment)


def treated(
    treatment: Ladder, batches: int, *spans: tuple[int, int], poisoned_at: tuple[int, ...] = (305,), **arguments: Any
) -> dict[str, Any]:
    """Train a GAN that is poisoned, with verdicts in some spans of iterations."""
    gan, ema = make(PoisonedGAN), GeneratorEMA(half_life_kimg=0.05)
    gan.poisoned_at = poisoned_at
    gan.batches = arguments.pop("done", 0)
    stop = [arguments.pop("stop")] if "stop" in arguments else []
    watch = monitor(treatment, *spans)
    callbacks: list[Callback] = [ema, watch, *stop, Halt(batches)]
    loader = data(160 * int(arguments.get("devices", 1)))
    fit(gan, loader, callbacks=callbacks, max_epochs=-1, **arguments)
    return {
        "weights": {name: x.clone() for name, x in gan.state_dict().items()},
        "average": ema.state_dict()["average"],
        "iteration": gan.iteration,
        "random": torch.get_rng_state(),
        "course": treatment.course.as_dict(),
        "returned": list(treatment.cabinet.shelf.returned),
        "kept": [snapshot.iteration for snapshot in treatment.cabinet.shelf.healthy],
    }


def is_finite(found: dict[str, Any]) -> bool:
    return all(bool(x.isfinite().all()) for x in (*found["weights"].values(), *found["average"].values()))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_that_met_nan_recovers() -> None:
    lost = treated(ladder(), 330)
    assert not is_finite(lost)
    mended = treated(ladder(), 400, (320, 340))
    assert is_finite(mended)
    assert mended["iteration"] == 400 - 320 + mended["returned"][0]
    assert mended["returned"] == [240]
    assert mended["course"]["uses"] == {"rollback": 1, "R1 + R2": 1}


def test_the_default_ladder_and_the_true_detectors_do_it_too() -> None:
    monitor = HealthMonitor(every=20, samples=64, remedies="ladder")
    gan = make(PoisonedGAN)
    fit(gan, data(), callbacks=[monitor, Halt(400)], max_epochs=-1)
    assert all(bool(p.isfinite().all()) for p in gan.parameters())
    assert [kind for kind in monitor.cases.seen if kind == "divergence"]
    assert "divergence" not in monitor.cases.open
    assert "rollback" in monitor.remedies.course.uses or "restart" in monitor.remedies.course.uses


def test_it_never_goes_to_what_is_younger_than_the_onset() -> None:
    watch = HealthMonitor(
        [Planted("divergence", (320, 340), onset=200)], every=20, samples=64, remedies=(treatment := ladder())
    )
    gan = make(PoisonedGAN)
    fit(gan, data(), callbacks=[watch, Halt(400)], max_epochs=-1)
    assert treatment.cabinet.shelf.returned == [140]
    assert all(bool(p.isfinite().all()) for p in gan.parameters())


def test_who_falls_again_on_the_same_spot_moves_up() -> None:
    found = treated(ladder(), 440, (320, 320), (420, 420), poisoned_at=(305, 405))
    assert found["returned"] == [240, 0]
    assert found["course"]["uses"] == {"rollback": 1, "R1 + R2": 1, "restart": 1}
    assert is_finite(found)


def test_a_restart_begins_with_the_first_weights_under_the_remedies() -> None:
    treatment = Ladder({"mode_collapse": [[ZeroCenteredPenalties(gamma=0.1), Restart()]]})
    gan, seen = make(), {}

    class Looks(Callback):
        goes_back = False

        def on_train_batch_start(self, trainer: Any, pl_module: Any, *_: Any) -> None:
            clock = trainer.fit_loop.total_batch_idx
            seen[clock] = torch.cat([p.detach().flatten() for p in pl_module.parameters()])
            seen[-clock - 1] = [bool(each.state) for each in trainer.optimizers]

    watch = HealthMonitor([Planted("mode_collapse", (200, 200))], every=20, samples=64, remedies=treatment)
    fit(gan, data(), callbacks=[watch, Looks(), Halt(220)], max_epochs=-1)
    assert torch.equal(seen[200], seen[0])
    assert seen[-201] == [False, False]
    assert not torch.equal(seen[201], seen[1])
    assert gan.iteration == 20
    assert [remedy.name for remedy in treatment.cabinet.active] == ["R1 + R2"]


def test_a_stranger_recovers() -> None:
    torch.manual_seed(0)
    module, treatment = Official(), ladder()

    class Poison(Callback):
        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: torch.Tensor, batch_idx: int) -> None:
            if trainer.fit_loop.total_batch_idx == 305:
                batch.fill_(float("nan"))

    fit(module, data(), callbacks=[monitor(treatment, (320, 340)), Poison(), Halt(400)], max_epochs=-1)
    assert treatment.cabinet.shelf.returned == [240]
    assert all(bool(p.isfinite().all()) for p in module.parameters())


@pytest.mark.parametrize("cut", [270, 321, 335, 390])
def test_a_run_that_is_broken_off_goes_on_bit_for_bit(cut: int, tmp_path: Path) -> None:
    straight = treated(ladder(), 420, (320, 340))
    with pytest.raises(InterruptError):
        treated(ladder(), 420, (320, 340), stop=StopsAt(cut, tmp_path / "x.ckpt"))
    resumed = treated(ladder(), 420, (320, 340), done=cut, ckpt_path=tmp_path / "x.ckpt")
    assert same(straight, resumed)


def test_a_run_resumed_without_its_start_cannot_restart(tmp_path: Path) -> None:
    with pytest.raises(InterruptError):
        fit(make(), data(), callbacks=[StopsAt(30, tmp_path / "x.ckpt")], max_epochs=-1)
    treatment = Ladder({"dead_start": [Restart()]})
    watch = HealthMonitor([Planted("dead_start", (200, 400))], every=20, samples=64, remedies=treatment)
    fit(make(), data(), callbacks=[watch, Halt(220)], max_epochs=-1, ckpt_path=tmp_path / "x.ckpt")
    assert treatment.course.has_given_up
    assert not treatment.course.uses


def on_two_ranks() -> dict[str, Any]:
    arguments = {"devices": 2, "strategy": DDPStrategy(process_group_backend="gloo"), "use_distributed_sampler": False}
    return treated(ladder(), 400, (320, 340), **arguments)


def test_a_second_fit_begins_with_a_start_of_its_own() -> None:
    treatment, gan = ladder(), make()
    run = fit(gan, data(), callbacks=[monitor(treatment), Halt(20)], max_epochs=-1)
    run.should_stop = False
    run.callbacks = [each for each in run.callbacks if not isinstance(each, Halt)] + [Halt(40)]
    run.fit(gan, data())
    assert treatment.cabinet.shelf.start.iteration == 20


@pytest.mark.ddp
def test_nan_on_one_rank_takes_both_back(tmp_path: Path) -> None:
    first, second = results_of_two_ranks(__file__, tmp_path)
    assert first["returned"] == second["returned"] == [300]
    assert is_finite(first)
    assert same(first["weights"], second["weights"])
    assert torch.equal(first["random"], second["random"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.argv[1] = os.path.abspath(sys.argv[1])
    os.chdir(sys.argv[1])
    leave_results(on_two_ranks())
