"""The attribute follows its shape, also after a resume."""

import math

import pytest
import torch
from helpers import Batches, fit, make, points
from lightning.pytorch import Callback, LightningModule
from torch import nn

from gan_lightning import GAN, R1
from gan_lightning.callbacks import AnnealAttribute
from gan_lightning.mixins import HistoricalAveraging, LabelFlipping, LeCam, OneSidedLabelSmoothing, TopK


class Watch(Callback):
    def __init__(self, name):
        self.name, self.seen = name, []

    def on_train_batch_end(self, trainer, module, *_):
        self.seen.append(getattr(module, self.name))


class Plain(LightningModule):
    """A module with no clock of its own."""

    def __init__(self):
        super().__init__()
        self.layer, self.noise = nn.Linear(2, 1), 1.0
        self.layer.strength = 3

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_step(self, batch, batch_idx):
        return self.layer(batch).square().mean()


def seen(module, callback, name, batches=5, **arguments):
    watch = Watch(name)
    fit(module, points(batches=batches), callbacks=[callback, watch], **arguments)
    return watch.seen


def test_linear():
    anneal = AnnealAttribute("r1_gamma", 1.0, 3.0, over=2, begin=1)
    assert seen(make(R1), anneal, "r1_gamma") == [1.0, 1.0, 2.0, 3.0, 3.0]


def test_cosine_is_slow_at_both_ends():
    anneal = AnnealAttribute("x", 0.0, 2.0, over=4, shape="cosine")
    expected = [1 - math.cos(math.pi * i / 4) for i in range(5)]
    assert [anneal.value(i) for i in range(5)] == pytest.approx(expected)


def test_exponential_has_one_factor():
    anneal = AnnealAttribute("x", -1.0, -16.0, over=4, shape="exponential")
    assert [anneal.value(i) for i in range(6)] == [-1.0, -2.0, -4.0, -8.0, -16.0, -16.0]


def test_whole_numbers_stay_whole():
    anneal = AnnealAttribute("r1_every", 1, 3, over=4)
    values = seen(make(R1), anneal, "r1_every")
    assert values == [1, 2, 2, 2, 3]
    assert all(type(value) is int for value in values)


@pytest.mark.parametrize(
    ("technique", "name", "given"),
    [
        (R1, "r1_gamma", 0),
        (TopK, "topk_share", 1),
        (LeCam, "lecam_weight", 0),
        (HistoricalAveraging, "history_weight_d", 0),
        (LabelFlipping, "flip_share", 0),
        (OneSidedLabelSmoothing, "smoothing_target", 1),
        (GAN, "clip_d", 1),  # float | None
    ],
)
def test_what_is_a_float_by_its_argument_is_one_whatever_it_was_given(technique, name, given):
    anneal = AnnealAttribute(name, 0.25, 0.75, over=2)
    assert seen(make(technique, **{name: given}), anneal, name, batches=3) == [0.25, 0.5, 0.75]


def test_a_float_stays_one_between_whole_ends_in_each_fit():
    module, anneal = Plain(), AnnealAttribute("noise", 0, 1, over=4)
    for _ in range(2):
        values = seen(module, anneal, "noise")
        assert values == [0.0, 0.25, 0.5, 0.75, 1.0]
        assert all(type(value) is float for value in values)


def test_the_argument_is_looked_for_in_the_bases_and_annotations_may_be_strings():
    class Base(Plain):
        def __init__(self, depth: "int" = 1, noise: "float" = 0.0, other=0.0):
            super().__init__()
            self.depth, self.noise, self.other = depth, noise, other

    class Child(Base):
        def __init__(self, **arguments):
            super().__init__(**arguments)

    assert seen(Child(noise=0), AnnealAttribute("noise", 0, 1, over=2), "noise", batches=3) == [0, 0.5, 1]
    assert seen(Child(depth=1), AnnealAttribute("depth", 0.0, 2.0, over=3), "depth", batches=4) == [0, 1, 1, 2]
    assert seen(Child(other=0), AnnealAttribute("other", 0, 4, over=3), "other", batches=4) == [0, 1, 3, 4]


@pytest.mark.parametrize("ends", [(1, 2.5), (1.5, 3)])
def test_whole_numbers_have_whole_ends(ends):
    with pytest.raises(ValueError, match=f"'r1_every' of R1 is a whole number, but .* got {ends[0]} to {ends[1]}"):
        fit(make(R1), callbacks=[AnnealAttribute("r1_every", *ends, over=3)])


def test_a_module_without_a_clock_is_timed_by_the_trainer_over_epochs():
    anneal = AnnealAttribute("noise", 0.0, 4.0, over=4)
    assert seen(Plain(), anneal, "noise", batches=3, max_epochs=2) == [0.0, 1.0, 2.0, 3.0, 4.0, 4.0]


def test_dots_lead_into_parts():
    module = Plain()
    fit(module, points(batches=3), callbacks=[AnnealAttribute("layer.strength", 3, 5, over=2)])
    assert module.layer.strength == 5


@pytest.mark.parametrize("kind", [GAN, Plain])
def test_a_resumed_run_goes_on_where_it_was(tmp_path, kind):
    def run(epochs, ckpt_path=None):
        module = make() if kind is GAN else Plain()
        module.noise = 1.0
        watch = Watch("noise")
        callbacks = [AnnealAttribute("noise", 0.0, 1.0, over=6), watch]
        run = fit(module, points(batches=3), callbacks=callbacks, max_epochs=epochs, ckpt_path=ckpt_path)
        return run, watch.seen

    _, straight = run(2)
    first, half = run(1)
    first.save_checkpoint(tmp_path / "half.ckpt")
    _, rest = run(2, ckpt_path=tmp_path / "half.ckpt")
    assert half + rest == straight
    assert straight == pytest.approx([i / 6 for i in range(6)])


@pytest.mark.parametrize(
    ("attribute", "error", "message"),
    [
        ("no_such", ValueError, "no attribute 'no_such'"),
        ("layer.no_such", ValueError, "no attribute 'layer.no_such'"),
        ("training", TypeError, "sets numbers, but 'training' of Plain is True"),
        ("layer", TypeError, "sets numbers"),
    ],
)
def test_wrong_attributes_are_found_at_the_start(attribute, error, message):
    with pytest.raises(error, match=message):
        fit(Plain(), Batches(torch.zeros(2, 2)), callbacks=[AnnealAttribute(attribute, 1.0, 2.0, over=3)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"over": 0}, "over >= 1"),
        ({"begin": -1}, "begin >= 0"),
        ({"shape": "sine"}, "got 'sine'"),
        ({"shape": "exponential", "end": 0.0}, "never reaches or passes zero, got 1.0 to 0.0"),
        ({"shape": "exponential", "end": -1.0}, "never reaches or passes zero"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AnnealAttribute("x", **{"start": 1.0, "end": 2.0, "over": 3, **arguments})


class Foreign(LightningModule):
    """A module whose ``iteration`` is something else than a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.iteration = 10
        self.noise = 1.0
        self.seen: list[float] = []

    @property
    def halved(self) -> float:
        return self.noise / 2

    def configure_optimizers(self):
        return torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)

    def training_step(self, batch, batch_idx) -> None:
        self.seen.append(self.noise)


def test_an_iteration_of_a_foreign_module_is_not_taken_for_the_clock() -> None:
    module = Foreign()
    fit(module, points(batches=4), callbacks=[AnnealAttribute("noise", 0.0, 1.0, over=2)])
    assert module.seen == [0.0, 0.5, 1.0, 1.0]


def test_what_cannot_be_set_is_told_at_the_start() -> None:
    with pytest.raises(TypeError, match="'halved' of Foreign cannot be set"):
        fit(Foreign(), callbacks=[AnnealAttribute("halved", 0.0, 1.0, over=2)])
