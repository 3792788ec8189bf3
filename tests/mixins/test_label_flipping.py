"""Label flipping: how many, which ones, and what the loss makes of them."""

import pytest
import torch
from helpers import fit, make, points
from torch.nn.functional import softplus

from gan_lightning import losses
from gan_lightning.mixins import LabelFlipping


@pytest.mark.parametrize(("share", "n", "count"), [(0.3, 10, 3), (0.29, 100, 29), (0.35, 8, 2), (0.1, 8, 0)])
def test_the_share_is_rounded_down(share: float, n: int, count: int) -> None:
    real, fake = make(LabelFlipping, flip_share=share).d_targets(n)
    assert real.shape == (n,)
    assert sorted(real.tolist()) == [0.0] * count + [1.0] * (n - count)
    assert fake == 0.0


def test_each_sample_is_flipped_as_often_as_the_others() -> None:
    gan = make(LabelFlipping, flip_share=0.25)
    flips = torch.stack([gan.d_targets(8)[0] == 0 for _ in range(2000)]).float().mean(0)
    assert (flips - 0.25).abs().max() < 5 * (0.25 * 0.75 / 2000) ** 0.5


def test_the_loss_calls_some_real_samples_generated_anew_at_each_update() -> None:
    seen, drawn = [], []

    class Spy(LabelFlipping):
        def d_targets(self, n):
            targets = super().d_targets(n)
            drawn.append(targets[0])
            return targets

        def d_terms(self, step):
            terms = super().d_terms(step)
            real, fake = step.on_real.logits, step.on_fake.logits
            each = [softplus(l if t == 0 else -l) for l, t in zip(real, drawn[-1], strict=True)]  # noqa: E741
            seen.append((terms["adv"].detach(), (torch.stack(each).mean() + softplus(fake).mean()).detach()))
            return terms

    fit(make(Spy, flip_share=0.5))
    torch.testing.assert_close(*zip(*seen, strict=True))
    assert len({tuple(targets.tolist()) for targets in drawn}) > 1


def test_it_works_with_least_squares() -> None:
    gan = make(LabelFlipping, loss=losses.LeastSquares())
    fit(gan)
    assert gan.sample(3).isfinite().all()


@pytest.mark.parametrize("loss", [losses.Hinge, losses.Wasserstein, losses.RelativisticAverage])
def test_losses_without_targets_refuse_it(loss: type) -> None:
    with pytest.raises(ValueError, match="targets"):
        fit(make(LabelFlipping, loss=loss()), points(batches=1))


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_bad_arguments(share: float) -> None:
    with pytest.raises(ValueError, match="expected 0 <= flip_share < 1"):
        make(LabelFlipping, flip_share=share)
