"""What only the relativistic losses do."""

import math

import pytest
import torch

from gan_lightning.losses import RelativisticAverage, RelativisticPaired


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    return tuple(2 * torch.randn(9, generator=generator, dtype=torch.float64) for _ in range(2))


@pytest.mark.parametrize("loss", [RelativisticPaired(), RelativisticAverage()], ids=lambda loss: type(loss).__name__)
def test_relativistic_generator_needs_real_logits(loss):
    assert loss.relativistic
    with pytest.raises(ValueError, match="g_loss"):
        loss.g_loss(torch.zeros(3))


def test_relativistic_losses_ignore_a_common_shift(logits):
    real, fake = logits
    for loss in (RelativisticPaired(), RelativisticAverage()):
        torch.testing.assert_close(loss.d_loss(real + 3, fake + 3), loss.d_loss(real, fake), rtol=1e-12, atol=0)


def test_relativistic_averages_carry_gradients():
    real, fake = torch.tensor([1.0], requires_grad=True), torch.tensor([0.0], requires_grad=True)
    gradient = torch.autograd.grad(RelativisticAverage().d_loss(real, fake), (real, fake))
    slope = -2 / (1 + math.e)  # of 2 softplus(-(real - fake)); half of it without the averages' share
    torch.testing.assert_close(torch.stack(gradient).flatten(), torch.tensor([slope, -slope]))
