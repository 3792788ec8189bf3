"""One-sided label smoothing: the loss by hand, the optimum of the paper, and what refuses it."""

import pytest
import torch
from helpers import Batches, fit, make, points
from torch import nn
from torch.nn.functional import logsigmoid

from gan_lightning import losses
from gan_lightning.mixins import LabelFlipping, OneSidedLabelSmoothing


def test_the_loss_is_the_cross_entropy_with_a_soft_target_for_real_samples() -> None:
    seen = []

    class Spy(OneSidedLabelSmoothing):
        def d_terms(self, step):
            terms = super().d_terms(step)
            real, fake = step.on_real.logits, step.on_fake.logits
            by_hand = -(0.8 * logsigmoid(real) + 0.2 * logsigmoid(-real)).mean() - logsigmoid(-fake).mean()
            seen.append((terms["adv"].detach(), by_hand.detach()))
            return terms

    fit(make(Spy, smoothing_target=0.8))
    assert len(seen) == 4
    torch.testing.assert_close(*zip(*seen, strict=True))


def test_the_optimal_discriminator_says_alpha_of_what_only_the_data_hold() -> None:
    """Real at 1, generated at -1: alpha p_data / (p_data + p_g) is 0.7 at 1 and 0 at -1."""

    class Still(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.point = nn.Parameter(torch.tensor(-1.0))

        def forward(self, z):
            return self.point.expand(len(z), 1)

    slow = {"optimizer_g": lambda params: torch.optim.SGD(params, lr=0.0)}
    fast = {"optimizer_d": lambda params: torch.optim.Adam(params, lr=0.1)}
    gan = make(OneSidedLabelSmoothing, generator=Still(), discriminator=nn.Linear(1, 1), smoothing_target=0.7,
               **slow, **fast)  # fmt: skip
    fit(gan, Batches(*torch.ones(300, 4, 1)))
    assert torch.sigmoid(gan.discriminator(torch.ones(1, 1))).item() == pytest.approx(0.7, abs=0.01)
    assert torch.sigmoid(gan.discriminator(-torch.ones(1, 1))).item() < 0.05


@pytest.mark.parametrize("order", [(OneSidedLabelSmoothing, LabelFlipping), (LabelFlipping, OneSidedLabelSmoothing)])
def test_with_flipping_in_any_order(order: tuple) -> None:
    gan = make(type("Both", order, {}), flip_share=0.5)
    torch.manual_seed(0)
    real, fake = gan.d_targets(8)
    torch.manual_seed(0)
    flipped = torch.randperm(8) < 4
    torch.testing.assert_close(real, torch.where(flipped, 0.0, 0.9))
    assert fake == 0.0


@pytest.mark.parametrize("loss", [losses.Hinge, losses.Wasserstein, losses.RelativisticPaired])
def test_losses_without_targets_refuse_it(loss: type) -> None:
    with pytest.raises(ValueError, match="targets"):
        fit(make(OneSidedLabelSmoothing, loss=loss()), points(batches=1))


@pytest.mark.parametrize("target", [0.0, -0.5, 1.1])
def test_bad_arguments(target: float) -> None:
    with pytest.raises(ValueError, match="expected 0 < smoothing_target <= 1"):
        make(OneSidedLabelSmoothing, smoothing_target=target)
