"""Fingerprints see every bit and its place, of any kind of tensor."""

import pytest
import torch

from gan_lightning.distributed.same_bits import WORDS, fingerprints

CPU = torch.device("cpu")
KINDS = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.uint8, torch.complex64]


@pytest.mark.parametrize("dtype", KINDS)
def test_fingerprints_see_every_element_and_its_place(dtype: torch.dtype) -> None:
    x = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4).to(dtype)
    others = [x + (torch.arange(24).reshape(2, 3, 4) == place).to(dtype) for place in range(24)]
    swapped = [x.flip(dim) for dim in range(3)]
    numbers = [fingerprints([each], CPU).item() for each in (x, *others, *swapped)]
    assert len(set(numbers)) == 28
    for same in (x.clone(), x.transpose(0, 2).contiguous().transpose(0, 2)):
        assert fingerprints([same], CPU).item() == numbers[0]


def test_fingerprints_of_odd_tensors() -> None:
    nan, scalar, empty, yes = torch.tensor([torch.nan, 1]), torch.tensor(3.0), torch.empty(0, 3), torch.tensor([True])
    own = fingerprints([nan, scalar, empty, yes, empty.bool(), nan], CPU)
    assert torch.equal(own, fingerprints([each.clone() for each in (nan, scalar, empty, yes, empty.bool(), nan)], CPU))
    assert own[2] == own[4] == 0
    assert not torch.equal(fingerprints([torch.tensor([0.0])], CPU), fingerprints([torch.tensor([-0.0])], CPU))


def test_fingerprints_of_tensors_beyond_one_bucket() -> None:
    large = torch.zeros(2 * WORDS + 3, dtype=torch.int8)
    changed = large.clone()
    changed[-1] = 1
    small = torch.ones(3)
    before, after = (fingerprints([small, each, small], CPU) for each in (large, changed))
    assert (before == after).tolist() == [True, False, True]
