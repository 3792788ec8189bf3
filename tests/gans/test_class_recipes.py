"""Recipes with classes: which network is told, what is refused."""

import pytest
import torch

from gan_lightning.gans import ACGAN, SNGAN, InfoDCGAN, ProjectionGAN, SemiSupervisedGAN
from gan_lightning.layers import ClassSum, Head, Projection
from gan_lightning.mixins import AuxiliaryClassifier

SHAPES = [(2,), (1, 16, 16)]
SMALL = {"width_d": 4, "width_g": 4, "num_classes": 3, "latent_dim": 12}


def told(gan):
    return gan.generator.num_classes, gan.discriminator.num_classes


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_networks_are_built_for_those_who_are_told(shape):
    ac, projection, semi = (cls(shape=shape, **SMALL) for cls in (ACGAN, ProjectionGAN, SemiSupervisedGAN))
    assert told(ac) == (3, 0)
    assert type(ac.discriminator) is Head
    assert told(projection) == (3, 3)
    assert type(projection.discriminator) is Projection
    assert told(semi) == (0, 0)
    assert type(semi.discriminator) is ClassSum


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_neutral_settings_are_plain_conditional_gans(shape):
    assert told(ACGAN(shape=shape, **SMALL, ac_weight_d=0.0, ac_weight_g=0.0)) == (3, 3)
    assert told(SemiSupervisedGAN(shape=shape, **SMALL, semi_weight=0.0)) == (3, 3)


@pytest.mark.parametrize("cls", [ACGAN, ProjectionGAN, SemiSupervisedGAN])
def test_classes_are_needed(cls):
    with pytest.raises(ValueError, match="num_classes"):
        cls(shape=(2,))


def test_what_keeps_the_class_from_a_projection_is_refused():
    with pytest.raises(ValueError, match="discriminator that is told the class"):
        type("Both", (AuxiliaryClassifier, ProjectionGAN), {})(shape=(2,), **SMALL)


def test_sngan_with_classes_is_the_projection_discriminator():
    gan = SNGAN(shape=(1, 16, 16), **SMALL)
    x, label = torch.randn(4, 1, 16, 16), torch.tensor([0, 1, 2, 0])
    critique = gan.discriminate(x, label)
    assert gan.discriminator.embedding.weight.shape == (3, critique.features.shape[1])
    assert gan.sample(6).shape == (6, 1, 16, 16)


def test_infogan_has_the_papers_codes():
    gan = InfoDCGAN(shape=(1, 16, 16), width_d=4, width_g=4)
    assert (gan.latent_dim, gan.info_categorical, gan.info_continuous) == (100, (10,), 2)
    assert gan.discriminator(torch.zeros(2, 1, 16, 16)).heads["codes"].shape == (2, 12)
