"""Remedies that set numbers of the module: as if the module had had them from that iteration to the other."""

from typing import Any

import pytest
import torch
from foreign_modules import Official
from helpers import InterruptError, StopAfter, fit, make, points, weights
from techniques import toy
from treatment import Treatment

from gan_lightning import ADA, GAN, R1, FeatureMatching, GradientPenalty, LabelFlipping, OneSidedLabelSmoothing
from gan_lightning.health.remedies import (
    AttributeLever,
    FeatureMatchingOn,
    FlipLabels,
    PenaltyWeight,
    Remedy,
    SmoothLabels,
    StepRatio,
    StrengthenADA,
)
from gan_lightning.losses import Hinge


class Plain(GAN):
    """No technique."""


CASES: dict[str, tuple[Remedy, type[GAN], dict[str, Any], dict[str, float]]] = {
    "flip": (FlipLabels(0.25), LabelFlipping, {"flip_share": 0.0}, {"flip_share": 0.25}),
    "smooth": (SmoothLabels(0.8), OneSidedLabelSmoothing, {"smoothing_target": 1.0}, {"smoothing_target": 0.8}),
    "features": (
        FeatureMatchingOn(0.5),
        FeatureMatching,
        {"matching_weight": 0.0},
        {"matching_weight": 0.5, "matching_adv_weight": 1.0},
    ),
    "ada": (
        StrengthenADA(0.6),
        ADA,
        {"ada_speed_kimg": 0.1, "ada_initial": 0.5, "ada_every": 1, "seed": 9},
        {"ada_target": 0.0},
    ),
    "fixed ada": (
        StrengthenADA(0.2),
        ADA,
        {"ada_speed_kimg": float("inf"), "ada_initial": 0.3},
        {"ada_initial": 0.5},
    ),
    "steps": (StepRatio(d_steps=2), Plain, {}, {"d_steps": 2, "g_steps": 1}),
    "penalty": (PenaltyWeight(3.0), R1, {"r1_gamma": 0.5}, {"r1_gamma": 1.5}),
    "limit": (PenaltyWeight(3.0, high=0.75), R1, {"r1_gamma": 0.5}, {"r1_gamma": 0.75}),
    "any": (AttributeLever("gp_weight", factor=0.5), GradientPenalty, {"gp_weight": 4.0}, {"gp_weight": 2.0}),
    "set": (AttributeLever("g_steps", to=2), Plain, {}, {"g_steps": 2}),
}


def between(cls: type[GAN], values: dict[str, float]) -> type[GAN]:
    """The class, with the values from iteration 2 to 5."""

    class Between(cls):
        def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
            if self.iteration == 2:
                self.old = {name: getattr(self, name) for name in values}
            for name, value in {2: values, 5: getattr(self, "old", {})}.get(self.iteration, {}).items():
                setattr(self, name, value)

    return Between


def trained(gan: GAN, *callbacks: Any, **arguments: Any) -> torch.Tensor:
    fit(gan, points(), callbacks=list(callbacks), max_epochs=2, **arguments)
    return weights(gan)


@pytest.mark.parametrize("case", CASES)
def test_it_is_as_if_the_module_had_changed_its_setting_itself(case: str) -> None:
    remedy, cls, arguments, values = CASES[case]
    gan, treatment = toy(cls, **arguments), Treatment(remedy, first=2, end=5)
    before = {name: getattr(gan, name) for name in values}
    treated = trained(gan, treatment)
    assert torch.equal(treated, trained(toy(between(cls, values), **arguments)))
    assert not torch.equal(treated, trained(toy(cls, **arguments)))
    assert {name: getattr(gan, name) for name in values} == before
    assert not remedy.is_active
    there, back = treatment.changes
    assert (there.what, there.before, there.after) == (back.what, back.after, back.before)
    assert list(values) == there.what.split(", ")


@pytest.mark.parametrize("case", ["flip", "penalty", "features"])
def test_a_run_resumed_in_the_middle_is_the_same(case: str, tmp_path: Any) -> None:
    remedy, cls, arguments, _ = CASES[case]

    def run(*callbacks: Any, **more: Any) -> torch.Tensor:
        return trained(toy(cls, **arguments), Treatment(remedy, first=2, end=5), *callbacks, **more)

    straight, fresh, file = run(), remedy.state_dict(), tmp_path / "middle.ckpt"
    with pytest.raises(InterruptError):
        run(StopAfter(4, file))
    remedy.load_state_dict(fresh)
    assert torch.equal(run(ckpt_path=file, seed=99), straight)
    assert not remedy.is_active


def test_twice_in_a_row_goes_on_and_back_to_the_first() -> None:
    gan, remedy = toy(R1, r1_gamma=0.5), PenaltyWeight(3.0)
    patient: Any = type("Patient", (), {"module": gan, "is_own_gan": True})
    assert remedy.apply(patient).after == "1.5"
    assert remedy.apply(patient).after == "4.5"
    assert (remedy.undo(patient).after, gan.r1_gamma) == ("0.5", 0.5)


@pytest.mark.parametrize(
    ("remedy", "module", "message"),
    [
        (
            FlipLabels(),
            lambda: make(),
            r"mixin LabelFlipping, which GAN does not have: class MyGAN\(LabelFlipping, GAN",
        ),
        (FlipLabels(), lambda: make(LabelFlipping, loss=Hinge(), flip_share=0.0), "Hinge has none: use NonSaturating"),
        (SmoothLabels(), Official, "train a GAN of this package with OneSidedLabelSmoothing"),
        (FeatureMatchingOn(), lambda: make(R1), "matching_weight of the mixin FeatureMatching"),
        (StrengthenADA(), lambda: toy(ADA, ada_max=0.0, ada_initial=0.0), "nothing to raise"),
        (StepRatio(d_steps=2), Official, "decides in its own training_step"),
        (StepRatio(g_steps=2), lambda: make(g_steps=2), "has this ratio"),
        (PenaltyWeight(), lambda: make(R1, r1_gamma=0.0), "finds none to change in R1: it knows r1_gamma"),
        (AttributeLever("weight", to=2.0), lambda: make(), "sets the number weight, and GAN has none"),
        (AttributeLever("loss", to=2.0), lambda: make(), "and GAN has <"),
        (AttributeLever("d_steps", to=1), lambda: make(), "would change nothing"),
    ],
)
def test_what_the_module_lacks_is_an_error_at_fit_start(remedy: Remedy, module: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(module(), callbacks=[Treatment(remedy)])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: FlipLabels(0.6),
        lambda: SmoothLabels(1.0),
        lambda: FeatureMatchingOn(0.0),
        lambda: StrengthenADA(1.0),
        lambda: StepRatio(),
        lambda: StepRatio(d_steps=2, g_steps=2),
        lambda: StepRatio(d_steps=11),
        lambda: PenaltyWeight(1.0),
        lambda: PenaltyWeight(2.0, low=0.0),
        lambda: AttributeLever("a"),
        lambda: AttributeLever("a", factor=2.0, to=1.0),
        lambda: AttributeLever("a", to=3.0, high=2.0),
    ],
)
def test_senseless_numbers_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        wrong()
