"""SNGAN and R3GAN: their networks, losses and optimizers, and the options that their networks lack."""

import pytest
import torch
from torch.nn.utils.parametrize import is_parametrized

from gan_lightning.gans import R3GAN, SNGAN
from gan_lightning.losses import Hinge, RelativisticPaired
from gan_lightning.networks import (
    MLPDiscriminator,
    MLPGenerator,
    R3GANDiscriminator,
    R3GANGenerator,
    ResNetDiscriminator,
    ResNetGenerator,
)

SMALL = {"width_d": 8, "width_g": 8}


def test_sngan_is_the_papers():
    gan = SNGAN(shape=(3, 16, 16), **SMALL)
    assert (type(gan.generator), type(gan.discriminator)) == (ResNetGenerator, ResNetDiscriminator)
    assert isinstance(gan.loss, Hinge)
    assert (gan.d_steps, gan.latent_dim) == (5, 128)
    assert is_parametrized(gan.discriminator.output)
    assert not is_parametrized(gan.generator.output)
    for build, network in ((gan.optimizer_d, gan.discriminator), (gan.optimizer_g, gan.generator)):
        (group,) = build(network.parameters()).param_groups
        assert (group["lr"], group["betas"]) == (2e-4, (0.0, 0.9))


def test_r3gan_is_the_papers():
    gan = R3GAN(shape=(3, 16, 16), **SMALL)
    assert (type(gan.generator), type(gan.discriminator)) == (R3GANGenerator, R3GANDiscriminator)
    assert isinstance(gan.loss, RelativisticPaired)
    assert gan.input_grad == {"real", "fake"}
    assert (gan.r1_every, gan.r2_every) == (1, 1)
    for build, network in ((gan.optimizer_d, gan.discriminator), (gan.optimizer_g, gan.generator)):
        (group,) = build(network.parameters()).param_groups
        assert (group["lr"], group["betas"]) == (2e-4, (0.0, 0.99))


def test_r3gan_has_fully_connected_networks_for_vectors():
    gan = R3GAN(shape=(2,), **SMALL)
    assert (type(gan.generator), type(gan.discriminator)) == (MLPGenerator, MLPDiscriminator)


def test_packs_of_images_reach_the_discriminator():
    for cls in (SNGAN, R3GAN):
        gan = cls(shape=(1, 16, 16), shape_d=(2, 16, 16), **SMALL)
        assert gan.discriminator(torch.zeros(3, 2, 16, 16)).logits.shape == (3,)


@pytest.mark.parametrize(
    ("cls", "options", "words"),
    [
        (SNGAN, {"dropout_d": 0.5}, "ResNetDiscriminator has no dropout, got dropout=0.5"),
        (SNGAN, {"dropout_g": 0.5}, "ResNetGenerator has no dropout"),
        (SNGAN, {"minibatch_d": "stddev"}, "ResNetDiscriminator has no minibatch"),
        (R3GAN, {"norm_d": "batch"}, "R3GANDiscriminator has no norm, got norm='batch': leave it at 'none'"),
        (R3GAN, {"norm_g": "batch"}, "R3GANGenerator has no norm"),
        (R3GAN, {"minibatch_d": "stddev"}, "R3GANDiscriminator has no minibatch"),
    ],
)
def test_options_that_the_networks_lack(cls, options, words):
    with pytest.raises(ValueError, match=words):
        cls(shape=(1, 16, 16), **SMALL, **options)
