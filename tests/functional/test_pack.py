"""Packs hold neighbours, in order, whatever the shape."""

import pytest
import torch

from gan_lightning.functional import packed


@pytest.mark.parametrize("shape", [(3,), (2, 4, 5), (1, 2, 2, 2)])
def test_a_pack_is_its_samples_behind_each_other(shape):
    x = torch.randn(6, *shape)
    for i, pack in enumerate(packed(x, 3)):
        assert torch.equal(pack, torch.cat(list(x[3 * i : 3 * i + 3])))


def test_channels_last_images_are_packed_alike():
    x = torch.randn(4, 3, 5, 5)
    assert torch.equal(packed(x.contiguous(memory_format=torch.channels_last), 2), packed(x, 2))


@pytest.mark.parametrize("m", [0, 4])
def test_it_must_divide_the_batch(m):
    with pytest.raises(ValueError, match=f"batch of 6 cannot be packed by {m}"):
        packed(torch.zeros(6, 2), m)
