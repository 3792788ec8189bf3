"""The calls that judge the real batch, and nothing else."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from gan_lightning.probe import RealCalls, batch_size_of, first_samples, replaced, rivals_of, tensors_in

REAL = torch.randn(4, 2)
FAKE = torch.randn(4, 2)


def found(*args, batch=None, **kwargs):
    calls = RealCalls()
    calls.start([REAL, torch.arange(4)] if batch is None else batch)
    calls.look_at(args, kwargs)
    return calls.real


@pytest.mark.parametrize(
    "x",
    [REAL, REAL.detach(), REAL.clone(), REAL.view(4, 2, 1), REAL[:2], torch.cat([REAL, FAKE]), torch.cat([FAKE, REAL]),
     torch.cat([REAL, FAKE * torch.ones(1, requires_grad=True)]), REAL.double(), REAL.to(torch.bfloat16),
     REAL[:2].clone(), torch.cat([REAL[:2], FAKE[:2]]), torch.cat([FAKE[:1], REAL[:1]])],
)  # fmt: skip
def test_real_samples_are_known(x: Tensor) -> None:
    (call,) = found(x)
    n = len(call.samples)
    assert torch.equal(call.samples.reshape(n, 2), REAL[:n].to(x.dtype))
    assert call.place == (0, REAL.storage_offset(), n)


@pytest.mark.parametrize("x", [FAKE, REAL + 0.1, REAL[[3, 1, 0]], torch.cat([FAKE, FAKE]), torch.randn(4, 3)])
def test_others_are_not(x: Tensor) -> None:
    assert found(x) == []


def test_a_copy_that_a_network_made_is_not_real() -> None:
    assert found(REAL * torch.ones(1, requires_grad=True)) == []


def test_calls_without_gradients_are_no_training() -> None:
    with torch.no_grad():
        assert found(REAL) == []


def test_other_arguments_are_passed_again_for_the_real_rows() -> None:
    label, scale = torch.arange(8), torch.tensor(2.0)
    (call,) = found(torch.cat([FAKE, REAL]), label, scale=scale, mode="train")
    x = call.samples.double()
    (samples, labels), kwargs = call.on(x)
    assert samples is x
    assert torch.equal(labels, label[4:])
    assert kwargs["mode"] == "train"
    assert kwargs["scale"].dtype == torch.float64


@dataclass
class Sample:
    image: Tensor
    name: str


def test_batches_of_all_forms() -> None:
    for batch in (REAL, [REAL], {"x": [REAL, "name"]}, Sample(REAL, "name"), ({"x": REAL},)):
        assert len(found(REAL.clone(), batch=batch)) == 1
        assert next(tensors_in(batch)) is REAL


def test_samples_within_nested_arguments_are_replaced() -> None:
    inputs = (((REAL, torch.arange(4)),), {})
    assert first_samples((((torch.arange(4), {"x": REAL}),), {})) is REAL
    changed = replaced(inputs, lambda tensor: FAKE if tensor is REAL else tensor)
    assert first_samples(changed) is FAKE
    assert first_samples(((torch.arange(4), "x"), {})) is None


def test_micro_batches_are_known_by_their_place() -> None:
    calls = RealCalls()
    calls.start(REAL)
    for begin in (0, 2):
        calls.look_at((torch.cat([REAL[begin : begin + 2], FAKE[begin : begin + 2]]),), {})
    assert [call.place[1] - REAL.storage_offset() for call in calls.real] == [0, 4]
    assert torch.equal(torch.cat([call.samples for call in calls.real]), REAL)
    assert calls.others == 2


def test_a_condition_before_both_halves_is_real_twice_and_nothing_else() -> None:
    calls = RealCalls()
    calls.start(REAL)
    calls.look_at((torch.cat([REAL, REAL]), torch.cat([FAKE, FAKE])), {})
    assert len(calls.real) == 2
    assert calls.real[0].place == calls.real[1].place
    assert calls.others == 0


def test_what_may_be_samples_as_well() -> None:
    image, vector, scalar = torch.zeros(4, 3, 2, 2), torch.zeros(4, 5), torch.tensor(1.0)
    inputs = ((image, vector, scalar, torch.arange(4), image), {})
    assert rivals_of(image, inputs) == []
    (rival,) = rivals_of(image, ((image,), {"mask": FAKE.reshape(4, 2, 1, 1)}))
    assert rival.shape == (4, 2, 1, 1)
    assert len(rivals_of(vector, inputs)) == 2


def test_the_size_of_a_batch() -> None:
    assert batch_size_of({"scale": torch.tensor(2.0), "hr": REAL}) == 4
    assert batch_size_of(["name", torch.arange(3)]) == 3
    with pytest.raises(ValueError, match="cannot count the samples of a batch that is a list without tensors"):
        batch_size_of(["name", "other"])
