"""Which levers there are, and one error for all that are asked for in vain."""

from typing import Any

import pytest
from foreign_modules import Official
from helpers import fit, make
from lightning.pytorch import Callback

from gan_lightning import R1, AdamGAN, LabelFlipping
from gan_lightning.health.remedies import (
    FlipLabels,
    LearningRate,
    Patient,
    RelativisticPairing,
    SafeLearningRates,
    StepRatio,
    levers_of,
    prepare_all,
)
from gan_lightning.probe import probe_for

EVERYWHERE = {
    "R1 + R2",
    "dropout in D",
    "instance noise",
    "clipped gradients",
    "learning rate of D and G x 0.2",
    "stop",
}
OWN = {"3 D to 1 G updates", "relativistic pairing"}


class Asks(Callback):
    """Asks for levers at fit start."""

    def __init__(self, *remedies: Any) -> None:
        self.remedies = remedies

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        patient = Patient(trainer, pl_module, probe_for(trainer, pl_module))
        self.levers = set(levers_of(patient))
        prepare_all(self.remedies, patient)


def levers(module: Any) -> set[str]:
    asks = Asks()
    fit(module, callbacks=[asks])
    return asks.levers


def test_a_foreign_module_has_those_that_need_nothing_of_it() -> None:
    assert levers(Official()) == EVERYWHERE


def test_own_gans_have_those_of_their_mixins() -> None:
    assert levers(make()) == EVERYWHERE | OWN
    flips = make(LabelFlipping, flip_share=0.0, optimizer_d=lambda p: AdamGAN(p, lr=1e-2))
    assert levers(flips) == EVERYWHERE | OWN | {"label flipping", "safe learning rates"}
    assert levers(make(R1)) == EVERYWHERE | OWN | {"penalties x 3"}


def test_asking_in_vain_is_one_error_that_names_those_that_are_there() -> None:
    asked = (FlipLabels(), LearningRate(), StepRatio(d_steps=2), RelativisticPairing())
    with pytest.raises(
        ValueError, match=r"label flipping turns .*; 2 D to 1 G .*; relativistic .*has: R1 \+ R2, "
    ) as error:
        fit(Official(), callbacks=[Asks(*asked)])
    assert "learning rate" in str(error.value).split("Levers")[1]
    fit(make(), callbacks=[Asks(LearningRate(), RelativisticPairing())])


def test_safe_rates_are_a_lever_where_one_is_too_large() -> None:
    gan = make(optimizer_g=lambda p: AdamGAN(p, lr=1e-2))
    fit(gan, callbacks=[Asks(SafeLearningRates())])
