"""Unmodified modules are understood: three in which the rules are plain."""

import pytest
import torch
from foreign_modules import FOREIGN, PLAYERS, HiddenJudge, Official, RawBackward, batches_for, players
from foreign_probe import Recorder, made, trained, watched

EXPECTED = {
    Official: ["fake", "real", "fake"],
    RawBackward: ["real", "fake", "fake"],
    HiddenJudge: ["real", "fake", "fake"],
}


@pytest.mark.parametrize("cls", FOREIGN)
def test_calls_are_labelled(cls: type) -> None:
    module = made(cls)
    recorder = watched(module, batches_for(cls))
    for number in range(6):
        assert recorder.kinds(number) == EXPECTED[cls]
    assert recorder.probe.discriminators == (module.get_submodule(PLAYERS[cls][0]),)
    assert recorder.probe.generators == (module.get_submodule(PLAYERS[cls][1]),)


@pytest.mark.parametrize("cls", FOREIGN)
def test_samples_losses_and_gradients_are_there(cls: type) -> None:
    batches = batches_for(cls)
    records = watched(made(cls), batches).records
    for batch, record in zip(batches, records, strict=True):
        real = batch["image"] if isinstance(batch, dict) else batch if isinstance(batch, torch.Tensor) else batch[0]
        assert torch.equal(record.real, real)
        assert record.fake.shape == real.shape
        assert [each.for_generator for each in record.judgements].count(True) == 1
        for value in (record.d_gradient, record.g_gradient):
            assert value.ndim == 0
            assert value > 0
        assert record.signal.shape == (8,)
        assert bool((record.signal > 0).all())
        assert all(each.logits.shape == (8,) for each in record.judgements)
        assert (record.d_loss is None) == (cls is RawBackward)


@pytest.mark.parametrize("cls", FOREIGN)
def test_watching_changes_nothing(cls: type) -> None:
    batches = batches_for(cls)
    assert torch.equal(trained(cls, batches, Recorder()), trained(cls, batches))


@pytest.mark.parametrize("cls", FOREIGN)
def test_others_are_judged_in_the_same_way(cls: type) -> None:
    module = made(cls)
    record = watched(module, batches_for(cls)).records[-1]
    judgement = record.judged("fake")
    x = judgement.samples.clone().requires_grad_()
    logits = judgement.judge(x)
    assert logits.shape == (8,)
    assert torch.autograd.grad(logits.sum(), x)[0].norm() > 0
    network = players(module)[0]
    if cls is not HiddenJudge:
        torch.testing.assert_close(logits, network(x).squeeze(1))


def test_the_class_labels_are_those_of_the_calls() -> None:
    batches = batches_for(HiddenJudge)
    record = watched(made(HiddenJudge), batches).records[0]
    assert torch.equal(record.real_label, batches[0]["label"])
    assert torch.equal(record.fake_label, batches[0]["label"])
    unconditional = watched(made(RawBackward), batches_for(RawBackward)).records[0]
    assert unconditional.real_label is not None
    assert unconditional.fake_label is None
