"""Weight clipping against algorithm 1 of the Wasserstein GAN, written out by hand."""

import pytest
import torch
from helpers import fit, make, points, weights

from gan_lightning import AdamGAN
from gan_lightning.losses import Wasserstein
from gan_lightning.mixins import WeightClipping


def test_training_is_the_algorithm_by_hand() -> None:
    """The generator moves last, and against clipped weights."""
    gan = make(WeightClipping, loss=Wasserstein(), weight_clip=0.05, joint_pass=False)
    twin = make(WeightClipping)
    fit(gan, points())

    critic, generator = twin.discriminator, twin.generator
    optimizer_d, optimizer_g = AdamGAN(critic.parameters()), AdamGAN(generator.parameters())
    torch.manual_seed(2)
    for real in points():
        fake = generator(torch.randn(8, 4))
        optimizer_d.zero_grad()
        (critic(fake.detach()).mean() - critic(real).mean()).backward()
        optimizer_d.step()
        for p in critic.parameters():
            p.data = torch.tensor([max(-0.05, min(0.05, v)) for v in p.flatten().tolist()]).view_as(p)
        optimizer_g.zero_grad()
        (-critic(fake).mean()).backward()
        optimizer_g.step()
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_the_generator_is_left_alone() -> None:
    gan = make(WeightClipping, weight_clip=0.001)
    fit(gan)
    assert weights(gan.discriminator).abs().max().item() == pytest.approx(0.001)
    assert weights(gan.generator).abs().max().item() > 0.1


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="weight_clip must be 0"):
        make(WeightClipping, weight_clip=-0.01)
