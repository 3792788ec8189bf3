"""A run goes on in another memory layout as it would have in its own."""

from pathlib import Path

import pytest
import torch
from helpers import LATENT, Batches, fit, make, weights
from torch import nn

from gan_lightning import GAN


def built(channels_last: bool) -> GAN:
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(LATENT, 3 * 36), nn.Unflatten(1, (3, 6, 6)), nn.Conv2d(3, 3, 3, padding=1))
    discriminator = nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(64, 1))
    return make(generator=generator, discriminator=discriminator, channels_last=channels_last).double()


@pytest.mark.parametrize("before", [True, False])
def test_moments_follow_their_weights(before: bool, tmp_path: Path) -> None:
    batches = Batches(*torch.randn(6, 8, 3, 6, 6, dtype=torch.float64))
    straight = built(before)
    fit(straight, batches, max_epochs=2)
    fit(built(before), batches, max_epochs=1).save_checkpoint(tmp_path / "x.ckpt")
    resumed = built(not before)
    fit(resumed, batches, max_epochs=2, ckpt_path=tmp_path / "x.ckpt")
    torch.testing.assert_close(weights(resumed), weights(straight), rtol=0, atol=1e-12)
