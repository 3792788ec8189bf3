"""Each stranger's calls are labelled as they truly were, and nothing of it changes its training."""

import pytest
import torch
from foreign.zoo import TRACED, ZOO
from foreign_probe import Recorder, made, trained, watched

# torch's own, while it compiles.
pytestmark = pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")


@pytest.mark.parametrize("cls", ZOO)
def test_labels_are_the_truth(cls: type) -> None:
    module = made(cls)
    recorder = watched(module, cls.batches())
    first = int(cls in TRACED)
    assert any(module.truth)
    for number, truth in list(enumerate(module.truth))[first:]:
        assert recorder.kinds(number) == truth
    assert (recorder.kinds(0) != module.truth[0]) == bool(first)


@pytest.mark.parametrize("cls", ZOO)
def test_watching_changes_nothing(cls: type) -> None:
    batches = cls.batches()
    assert torch.equal(trained(cls, batches, Recorder()), trained(cls, batches))


@pytest.mark.parametrize("cls", ZOO)
def test_records_are_complete_and_comparable(cls: type) -> None:
    records = watched(made(cls), cls.batches()).records[-2:]
    for record in records:
        assert record.real.shape[1:] == record.fake.shape[1:]
        assert len(record.real) == len(record.fake) == 16
        for each in record.judgements:
            assert each.logits.shape == (len(each.samples),)
            assert not each.for_generator or each.kind == "fake"
    seen = {each.kind for record in records for each in record.judgements}
    assert {"real", "fake"} <= seen
    for name in ("d_loss", "g_loss", "d_gradient", "g_gradient"):
        assert any((value := getattr(record, name)) is not None and value.isfinite() for record in records), name
    signals = [record.signal for record in records if record.signal is not None]
    assert signals
    assert all((signal > 0).all() and signal.shape == (16,) for signal in signals)
    assert any(each.for_generator for record in records for each in record.judgements)


@pytest.mark.parametrize("cls", ZOO)
def test_nothing_stays_attached(cls: type) -> None:
    module = made(cls)
    recorder = watched(module, cls.batches())
    for network in (*recorder.probe.discriminators, *recorder.probe.generators):
        assert not network._forward_hooks
        assert not network._forward_pre_hooks
        assert hasattr(network, "_orig_mod") or "forward" not in network.__dict__


@pytest.mark.parametrize("cls", ZOO)
def test_others_are_judged_as_the_samples_were(cls: type) -> None:
    record = watched(made(cls), cls.batches()).records[-1]
    for kind in ("real", "fake"):
        judgement = record.judged(kind)
        x = judgement.samples.clone().requires_grad_()
        logits = judgement.judge(x)
        assert logits.shape == judgement.logits.shape
        assert torch.autograd.grad(logits.sum(), x)[0].abs().sum() > 0
        torch.testing.assert_close(judgement.judge(x[:4]), judgement.judge(x)[:4])
