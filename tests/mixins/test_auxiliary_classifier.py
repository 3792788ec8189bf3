"""AC-GAN against the paper's losses, who is told the class, and mistakes."""

import pytest
import torch
from helpers import Batches, fit, weights
from torch.nn.functional import cross_entropy, log_softmax

from gan_lightning import GAN
from gan_lightning.gans import ACGAN
from gan_lightning.mixins import AuxiliaryClassifier
from gan_lightning.networks import MLPDiscriminator, MLPGenerator


def make(cls=AuxiliaryClassifier, d_classes=0, num_classes=3, **arguments):
    torch.manual_seed(0)
    generator = MLPGenerator(4, (2,), num_classes, width=8)
    discriminator = MLPDiscriminator((2,), d_classes, width=8)
    return cls(generator, discriminator, latent_dim=4, num_classes=num_classes, **arguments)


def batches(count=2):
    generator = torch.Generator().manual_seed(0)
    return Batches(*([torch.randn(6, 2, generator=generator), torch.arange(6) % 3] for _ in range(count)))


class Spy(AuxiliaryClassifier):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def d_terms(self, step):
        terms = super().d_terms(step)
        self.seen.append((terms, step.label, step.on_real.heads["classes"], step.on_fake.heads["classes"]))
        return terms

    def g_terms(self, step):
        terms = super().g_terms(step)
        self.seen.append((terms, step.label, None, step.on_fake.heads["classes"]))
        return terms


def minus_log_likelihood(scores, label):
    return -sum(log_softmax(row, 0)[k] for row, k in zip(scores, label, strict=True)) / len(label)


def test_both_players_want_the_class_to_be_recognised():
    """Section 3: L_C = E log P(C = c | real) + E log P(C = c | fake); D maximises L_S + L_C, G maximises L_C - L_S."""
    gan = make(Spy, ac_weight_d=2.0, ac_weight_g=0.5)
    fit(gan, batches(1))
    (d, label, real, fake), (g, _, _, from_g) = gan.seen
    torch.testing.assert_close(
        d["classes"], 2.0 * (minus_log_likelihood(real, label) + minus_log_likelihood(fake, label))
    )
    torch.testing.assert_close(g["classes"], 0.5 * minus_log_likelihood(from_g, label))


def test_the_discriminator_is_not_told_and_the_generator_is():
    gan = make()
    x, z = torch.randn(4, 2), torch.randn(4, 4)
    zeros, twos = torch.zeros(4, dtype=torch.long), torch.full((4,), 2)
    assert torch.equal(gan.discriminate(x, zeros).logits, gan.discriminate(x, twos).logits)
    assert not torch.equal(gan.generate(z, zeros), gan.generate(z, twos))


def test_only_the_discriminator_may_learn_the_classes():
    gan = make(Spy, ac_weight_g=0.0)
    fit(gan, batches(1))
    (d, *_), (g, *_) = gan.seen
    assert "classes" in d
    assert "classes" not in g


def test_at_the_neutral_setting_the_discriminator_is_a_plain_one_that_is_told():
    neutral = make(d_classes=3, ac_weight_d=0.0, ac_weight_g=0.0)
    plain = make(GAN, d_classes=3)
    for gan in (neutral, plain):
        fit(gan, batches())
    assert torch.equal(weights(neutral), weights(plain))


def test_it_learns_to_make_the_class_it_is_told():
    """Three separate classes: a sample told class k lies nearest to the k-th centre."""
    torch.manual_seed(0)
    centres = 3 * torch.tensor([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]])
    label = torch.arange(60) % 3
    data = Batches(*([centres[label] + 0.1 * torch.randn(60, 2), label] for _ in range(400)))
    gan = ACGAN(shape=(2,), num_classes=3, latent_dim=2, width_d=32, width_g=32)
    fit(gan, data)
    nearest = torch.cdist(gan.sample(60, seed=0), centres).argmin(1)
    assert (nearest == label).float().mean() > 0.9
    scores = gan.discriminator(centres).heads["classes"]
    assert cross_entropy(scores, torch.arange(3)) < 0.2


@pytest.mark.parametrize(
    "arguments", [{"ac_weight_d": -1.0}, {"ac_weight_g": -1.0}, {"ac_weight_d": 0.0, "ac_weight_g": 1.0}]
)
def test_bad_weights(arguments):
    with pytest.raises(ValueError, match="ac_weight_d > 0 and ac_weight_g >= 0"):
        make(**arguments)


def test_bad_networks():
    with pytest.raises(ValueError, match="num_classes of at least 2"):
        make(num_classes=0)
    with pytest.raises(ValueError, match="built with num_classes=3"):
        make(d_classes=3)
    with pytest.raises(ValueError, match="no num_features"):
        AuxiliaryClassifier(MLPGenerator(4, (2,), 3), torch.nn.Linear(2, 1), latent_dim=4, num_classes=3)
