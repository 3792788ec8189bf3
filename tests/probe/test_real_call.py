"""The calls that judge the real batch, and nothing else."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from gan_lightning.probe import RealCalls, first_samples, replaced, tensors_in

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
     torch.cat([REAL, FAKE * torch.ones(1, requires_grad=True)]), REAL.double(), REAL.to(torch.bfloat16)],
)  # fmt: skip
def test_real_samples_are_known(x: Tensor) -> None:
    (call,) = found(x)
    n = min(len(x), len(REAL))
    assert torch.equal(call.samples.reshape(n, 2), REAL[:n].to(x.dtype))


@pytest.mark.parametrize("x", [FAKE, REAL + 0.1, REAL[:2].clone(), torch.cat([FAKE, FAKE]), torch.randn(4, 3)])
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
