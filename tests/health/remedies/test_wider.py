"""A wider discriminator in the middle of a run, in any module, and in the run that is resumed."""

import copy
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_modules import FOREIGN, Official, batches_for, players
from helpers import Batches, InterruptError, fit, make, mlp, weights
from lightning.pytorch import Callback
from lightning.pytorch.strategies import DDPStrategy
from torch import nn
from treated_runs import Halt, Planted, StopsAt, data
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning import GAN, R1
from gan_lightning.health import HealthMonitor
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.restart import Restart
from gan_lightning.health.remedies.wider_discriminator import WiderDiscriminator
from gan_lightning.health.remedies.zero_centered_penalties import ZeroCenteredPenalties

WIDE = 24


def wide() -> nn.Module:
    return mlp(2, 1, width=WIDE)


def watch(*spans: tuple[int, int], then: Any = (), factory: Any = wide) -> HealthMonitor:
    rungs = [[WiderDiscriminator(factory), ZeroCenteredPenalties(gamma=0.1)], *then]
    treatment = Ladder({"generator_dominates": rungs}, patience=40)
    return HealthMonitor([Planted("generator_dominates", *spans)], every=20, samples=64, remedies=treatment)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("cls", [GAN, R1])
def test_the_wider_network_is_trained_by_the_same_optimizer(cls: type[GAN]) -> None:
    gan, monitor, born = make(cls), watch((200, 200)), {}

    class Looks(Callback):
        def on_train_batch_start(self, trainer: Any, pl_module: Any, *_: Any) -> None:
            if trainer.fit_loop.total_batch_idx == 200:
                born["weights"] = weights(pl_module.discriminator)
                born["generator"] = weights(pl_module.generator)

    fit(gan, data(), callbacks=[monitor, Looks(), Halt(240)], max_epochs=-1)
    assert gan.discriminator[0].out_features == WIDE
    assert not torch.equal(weights(gan.discriminator), born["weights"])
    assert not torch.equal(weights(gan.generator), born["generator"])
    params = {p for group in gan.optimizers()[0].param_groups for p in group["params"]}
    assert params == set(gan.discriminator.parameters())
    assert [remedy.name for remedy in monitor.remedies.cabinet.active] == ["wider discriminator", "R1 + R2"]


def wide_for(cls: type) -> Any:
    torch.manual_seed(3)
    judge = players(cls())[0]

    def build() -> nn.Module:
        return copy.deepcopy(judge) if cls.__name__ == "HiddenJudge" else wide()

    return build


@pytest.mark.parametrize("cls", FOREIGN)
def test_a_stranger_gets_one_too(cls: type) -> None:
    torch.manual_seed(0)
    module, monitor = cls(), watch((300, 300), factory=wide_for(cls))
    before = players(module)[0]
    batches = batches_for(cls, n=16, count=10)
    fit(module, Batches(*batches), callbacks=[monitor, Halt(301)], max_epochs=-1)
    judge = players(module)[0]
    assert judge is not before
    then = weights(judge)
    fit(module, Batches(*batches), callbacks=[Halt(5)], max_epochs=-1)
    assert not torch.equal(weights(judge), then)


def test_a_restart_afterwards_begins_with_the_wider_one() -> None:
    gan, monitor = make(), watch((200, 300), then=[Restart()])
    fit(gan, data(), callbacks=[monitor, Halt(260)], max_epochs=-1)
    assert monitor.remedies.cabinet.shelf.returned == [0]
    assert gan.iteration == 20
    assert gan.discriminator[0].out_features == WIDE


@pytest.mark.parametrize("cls", [GAN, Official])
def test_a_resumed_run_goes_on_with_it(cls: type, tmp_path: Path) -> None:
    def trained(batches: int, *stop: Callback, ckpt_path: Path | None = None) -> torch.Tensor:
        torch.manual_seed(0)
        module = make() if cls is GAN else cls()
        callbacks = [*([] if cls is GAN else [Seeds()]), watch((200, 200)), *stop, Halt(batches)]
        fit(module, data(), callbacks=callbacks, max_epochs=-1, ckpt_path=ckpt_path)
        return weights(module)

    with pytest.raises(InterruptError):
        trained(250, StopsAt(230, tmp_path / "x.ckpt"))
    assert torch.equal(trained(250), trained(250, ckpt_path=tmp_path / "x.ckpt"))


class Seeds(Callback):
    """A stranger's random numbers are in no checkpoint."""

    def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
        torch.manual_seed(trainer.fit_loop.total_batch_idx)


def test_a_network_that_does_not_take_the_samples_is_refused_at_the_first_batch() -> None:
    monitor = watch((200, 200), factory=lambda: mlp(3, 1))
    with pytest.raises(ValueError, match="does not take what the discriminator takes"):
        fit(make(), data(), callbacks=[monitor, Halt(2)], max_epochs=-1)


def test_what_is_no_factory_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a function that builds the discriminator"):
        WiderDiscriminator(mlp(2, 1).state_dict())
    with pytest.raises(TypeError, match="to return a network"):
        fit(make(), data(), callbacks=[watch(factory=lambda: 3), Halt(2)], max_epochs=-1)


def test_split_groups_are_refused() -> None:
    class Split(Official):
        def configure_optimizers(self) -> Any:
            groups = [{"params": [p]} for p in self.discriminator.parameters()]
            return [torch.optim.Adam(self.generator.parameters()), torch.optim.Adam(groups)]

    with pytest.raises(ValueError, match="in 4 groups of Adam"):
        fit(Split(), data(), callbacks=[watch(), Halt(2)], max_epochs=-1)


@pytest.mark.ddp
def test_two_ranks_stay_one(tmp_path: Path) -> None:
    first, second = results_of_two_ranks(__file__, tmp_path)
    for name in ("own", "stranger"):
        assert torch.equal(first[name], second[name])
        assert len(first[name]) == len(weights(mlp(4, 2))) + len(weights(wide()))


def on_two_ranks(module: Any) -> torch.Tensor:
    strategy = DDPStrategy(process_group_backend="gloo", find_unused_parameters=True, gradient_as_bucket_view=True)
    arguments = {"devices": 2, "strategy": strategy, "use_distributed_sampler": False}
    fit(module, data(320), callbacks=[watch((200, 200)), Halt(230)], max_epochs=-1, **arguments)
    return weights(module)


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.argv[1] = os.path.abspath(sys.argv[1])
    os.chdir(sys.argv[1])
    torch.manual_seed(int(os.environ["LOCAL_RANK"]))
    leave_results({"own": on_two_ranks(make()), "stranger": on_two_ranks(Official())})
