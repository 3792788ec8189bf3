"""What a window derives from its samples."""

import pytest
import torch
from bin_histories import ring, ring_window

from gan_lightning.functional import missing_share, share_distance
from gan_lightning.health.reference import Reference
from gan_lightning.health.window import FEW, Window


@pytest.mark.parametrize("count", [1, 100, 128, 129, 600])
def test_few_samples_are_spread_over_all(count):
    window = ring_window(ring(range(8), count))
    assert len(window.few_fake) == min(count, FEW)
    assert torch.equal(window.few_fake[0], window.fake[0])


def test_samples_are_compared_with_the_data_before_this_window():
    window = ring_window(ring([0, 1], 512))
    before = window.reference.shares
    window.reference.follow(window.real_shares)
    assert torch.equal(window.shares, before)
    assert window.tv.equal(share_distance(window.fake_shares, before))
    assert window.tv_real.equal(share_distance(window.real_shares, before))
    assert window.missing.equal(missing_share(window.fake_shares, before, 512))
    assert window.missing_real.equal(missing_share(window.real_shares, before, 512))


def test_what_is_not_given_is_empty_or_unknown():
    window = Window(Reference.fit(torch.randn(64, 2)), 100, real=torch.randn(64, 2), fake=torch.randn(64, 2))
    assert len(window.real_logits) == len(window.fake_label) == len(window.signal) == 0
    assert window.rank_accuracy.isnan()
    assert window.fake_shares_before.isnan().all()
