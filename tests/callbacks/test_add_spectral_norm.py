"""Spectral norm put on from outside: before optimizers and checkpoints, and there whenever the weights are used."""

from pathlib import Path
from typing import Any

import pytest
import torch
from callbacks_resuming import straight_and_resumed
from foreign_modules import FOREIGN, Official, batches_for, players
from helpers import Batches, fit, trainer, weights
from torch import nn

from gan_lightning import AddSpectralNorm, GeneratorEMA
from gan_lightning.layers import add_spectral_norm


def fresh(cls: type = Official) -> Any:
    torch.manual_seed(1)
    return cls()


def largest_singular_values(network: nn.Module) -> list[float]:
    network.eval()
    matrices = [part.weight.detach() for part in network.modules() if isinstance(part, nn.Linear)]
    return [float(torch.linalg.matrix_norm(matrix, 2)) for matrix in matrices]


@pytest.mark.parametrize("cls", FOREIGN)
def test_it_is_spectral_norm_within_the_module(cls: type) -> None:
    outside, inside = fresh(cls), fresh(cls)
    torch.manual_seed(3)
    add_spectral_norm(players(inside)[0])

    class Seeded(AddSpectralNorm):
        def setup(self, trainer, pl_module, stage):
            torch.manual_seed(3)
            super().setup(trainer, pl_module, stage)
            torch.manual_seed(4)

    class Seeds(AddSpectralNorm):
        def setup(self, trainer, pl_module, stage):
            torch.manual_seed(4)

    fit(outside, Batches(*batches_for(cls)), callbacks=[Seeded()])
    fit(inside, Batches(*batches_for(cls)), callbacks=[Seeds()])
    assert torch.equal(weights(outside), weights(inside))
    judge, generator = players(outside)
    assert largest_singular_values(judge) == pytest.approx([1.0, 1.0], abs=0.1)
    assert not any(hasattr(part, "parametrizations") for part in generator.modules())


def test_the_generator_on_request() -> None:
    module = fresh()
    fit(
        module, Batches(*batches_for(Official)), callbacks=[AddSpectralNorm(discriminator=False, generator="generator")]
    )
    assert largest_singular_values(module.generator) == pytest.approx([1.0, 1.0], abs=0.1)
    assert not hasattr(module.discriminator[0], "parametrizations")


@pytest.mark.parametrize("cls", FOREIGN)
def test_a_resumed_run_ends_as_the_straight_one(cls: type, tmp_path: Path) -> None:
    straight, resumed = straight_and_resumed(cls, AddSpectralNorm, batches_for(cls), tmp_path)
    for name, tensor in straight[0].state_dict().items():
        assert torch.equal(tensor, resumed[0].state_dict()[name]), name
    assert any("parametrizations" in name for name in straight[0].state_dict())


def test_a_second_fit_and_a_prediction_from_a_checkpoint(tmp_path: Path) -> None:
    module, data = fresh(), Batches(*batches_for(Official))
    callbacks = [AddSpectralNorm(generator=True), GeneratorEMA()]
    fit(module, data, callbacks=callbacks).save_checkpoint(tmp_path / "x.ckpt")
    run = fit(module, data, callbacks=callbacks)
    run.save_checkpoint(tmp_path / "y.ckpt")
    shown = run.predict(module, data)
    alone = trainer(callbacks=[AddSpectralNorm(generator=True), GeneratorEMA()])
    again = alone.predict(Official(), data, ckpt_path=tmp_path / "y.ckpt", weights_only=True)
    assert torch.equal(torch.cat(shown), torch.cat(again))


def test_what_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to do"):
        AddSpectralNorm(discriminator=False)

    class Late(Official):
        def __init__(self) -> None:
            super().__init__()
            self.made = self.discriminator
            del self.discriminator

    with pytest.raises(ValueError, match=r"no network with the name of a discriminator; .* not there yet at setup"):
        fit(Late(), callbacks=[AddSpectralNorm()])
