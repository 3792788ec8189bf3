"""Going back with the same seed and setting retraces the run, bit for bit; with another seed it does not."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, batches_for
from helpers import Batches, fit, weights
from lightning.pytorch.strategies import DDPStrategy
from treated_runs import MODULES, Halt, Returns, data, run, same
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.shelf import Shelf
from gan_lightning.health.remedies.snapshot import Snapshot, is_sound
from gan_lightning.probe import probe_for


@pytest.mark.parametrize("name", MODULES)
def test_the_run_is_retraced(name: str) -> None:
    straight = run(name, 33)
    assert same(straight, run(name, 33 + 17, Returns(8, 25)))


def test_taking_a_snapshot_changes_nothing() -> None:
    assert same(run("techniques", 20), run("techniques", 20, Returns(8, 99)))


def otherwise(patient: Patient, snapshot: Snapshot) -> None:
    shelf = Shelf()
    snapshot.checkpoint["remedies"] = {}
    shelf.go_back(patient, snapshot)


def test_another_attempt_is_another_run_and_the_same_each_time() -> None:
    first, again = (run("plain", 50, Returns(8, 25, otherwise)) for _ in range(2))
    straight = run("plain", 33)
    assert same(first, again)
    assert first["iteration"] == straight["iteration"]
    assert not same(first["weights"], straight["weights"])


@pytest.mark.parametrize("cls", FOREIGN)
def test_a_stranger_is_retraced_on_the_data_that_go_on(cls: type) -> None:
    batch = batches_for(cls)[0]

    def trained(batches: int, *callbacks: Any) -> torch.Tensor:
        torch.manual_seed(1)
        module = cls()
        fit(module, Batches(*[batch] * 7), callbacks=[*callbacks, Halt(batches)], max_epochs=-1)
        return weights(module)

    straight = trained(20)
    assert not torch.equal(straight, trained(26))
    assert torch.equal(straight, trained(26, Returns(5, 11)))


class Asks(Halt):
    """Ask at the end whether the state is sound."""

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *rest: Any) -> None:
        super().on_train_batch_end(trainer, pl_module, *rest)
        patient = Patient(trainer, pl_module, probe_for(trainer, pl_module))
        self.before = is_sound(patient)
        state = trainer.optimizers[0].state
        next(iter(state.values()))["exp_avg"].view(-1)[0] = float("nan")
        self.after = is_sound(patient)


def test_states_that_are_not_finite_are_known() -> None:
    asks = Asks(1)
    run("plain", 1, asks)
    assert (asks.before, asks.after) == (True, False)


@pytest.mark.parametrize(("keep", "every"), [(0, 1), (1, 0)])
def test_a_shelf_refuses_numbers_without_sense(keep: int, every: int) -> None:
    with pytest.raises(ValueError, match=f"got {keep} and {every}"):
        Shelf(keep=keep, every=every)


def on_two_ranks(batches: int, *callbacks: Any) -> dict[str, Any]:
    arguments = {"devices": 2, "strategy": DDPStrategy(process_group_backend="gloo"), "use_distributed_sampler": False}
    return run("techniques", batches, *callbacks, data=data(320), **arguments)


@pytest.mark.ddp
def test_two_ranks_retrace_their_run(tmp_path: Path) -> None:
    first, second = results_of_two_ranks(__file__, tmp_path)
    assert first["is_same"]
    assert second["is_same"]
    for params in zip(first["weights"], second["weights"], strict=True):
        assert torch.equal(*params)


if __name__ == "__main__":
    torch.set_num_threads(1)
    straight, retraced = on_two_ranks(33), on_two_ranks(50, Returns(8, 25))
    names = [name for name in straight["weights"] if "running" not in name]
    leave_results({"is_same": same(straight, retraced), "weights": [retraced["weights"][name] for name in names]})
