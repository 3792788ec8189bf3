"""DiffAugment: what the discriminator sees of images and of vectors."""

import pytest
import torch
from helpers import Batches, fit, make, weights

from gan_lightning import DCGAN, R1
from gan_lightning.functional.augment import cut_half, jitter_color, translate
from gan_lightning.mixins import DiffAugment


def test_images_are_changed_by_the_policy_in_its_order() -> None:
    x = torch.randn(8, 3, 16, 16)
    changed = make(DiffAugment, seed=3).augment(x)
    twin = make(DiffAugment, seed=3)
    assert twin.diffaugment_policy == ("color", "translation", "cutout")
    slow = x
    for change, count in ((jitter_color, 3), (translate, 2), (cut_half, 2)):
        slow = change(slow, torch.rand(8, count))
    assert torch.equal(changed, slow)


def test_vectors_are_turned_a_little_and_get_noise() -> None:
    x = torch.tensor([[3.0, 0.0, 0.0]]).expand(20000, 3)
    changed = make(DiffAugment).augment(x)
    torch.testing.assert_close(changed.norm(dim=1).mean(), torch.tensor(3.0), rtol=0, atol=0.02)
    angle = torch.nn.functional.cosine_similarity(changed, x).acos()
    assert 0.1 < float(angle.mean()) < 0.4  # pi / 8 in planes at all angles to x
    assert torch.equal(changed.mean(0).sign()[:1], torch.ones(1))
    assert float(changed[:, 1:].mean().abs()) < 0.02


def test_half_precision_comes_back_as_it_came() -> None:
    x = torch.randn(4, 1, 16, 16, dtype=torch.bfloat16)
    changed = make(DiffAugment, diffaugment_policy=["translation"]).augment(x)
    assert changed.dtype == torch.bfloat16
    assert set(changed.flatten().tolist()) <= {0.0, *x.flatten().tolist()}


def test_it_trains_images_with_r1_through_it() -> None:
    torch.manual_seed(0)
    both = type("Both", (DiffAugment, R1, DCGAN), {})
    gan = both(shape=(3, 16, 16), width_d=4, width_g=4, latent_dim=4, norm_d="none")
    before = weights(gan)
    fit(gan, Batches(*torch.rand(2, 4, 3, 16, 16)))
    assert weights(gan).isfinite().all()
    assert not torch.equal(weights(gan), before)


@pytest.mark.parametrize("policy", [["colour"], ["color", "color"], "color"])
def test_bad_policies(policy) -> None:
    with pytest.raises(ValueError, match=r"expected a policy of DiffAugment to name some of \['color'"):
        make(DiffAugment, diffaugment_policy=policy)


def test_other_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"takes images \(N, C, H, W\) or vectors \(N, F\), got .* \(4, 2, 8\)"):
        make(DiffAugment).augment(torch.zeros(4, 2, 8))
