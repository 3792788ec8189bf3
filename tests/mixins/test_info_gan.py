"""InfoGAN: the codes' distribution, the bound of equation 5, a code that can be read from the sample, mistakes."""

import math

import pytest
import torch
from helpers import Batches, fit, points
from torch.distributions import Categorical, Normal

from gan_lightning import GAN
from gan_lightning.gans import VanillaGAN
from gan_lightning.mixins import InfoGAN
from gan_lightning.networks import MLPDiscriminator, MLPGenerator

CODES = {"info_categorical": (3, 2), "info_continuous": 2}


def make(cls=InfoGAN, latent_dim=9, **arguments):
    torch.manual_seed(0)
    networks = MLPGenerator(latent_dim, (2,), width=8), MLPDiscriminator((2,), width=8)
    return cls(*networks, latent_dim=latent_dim, **arguments)


class Spy(InfoGAN):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def d_terms(self, step):
        terms = super().d_terms(step)
        self.seen.append((terms, step.z, step.on_fake.heads["codes"]))
        return terms

    def g_terms(self, step):
        terms = super().g_terms(step)
        self.seen.append((terms, step.z, step.on_fake.heads["codes"]))
        return terms


def test_codes_are_one_hot_and_uniform_and_the_rest_is_normal():
    z = make(**CODES).sample_latent(20_000)
    noise, first, second, continuous = z.split([2, 3, 2, 2], 1)
    assert noise.mean().abs() < 0.02
    assert noise.std().item() == pytest.approx(1, abs=0.02)
    for code, classes in ((first, 3), (second, 2)):
        assert torch.equal(code.sum(1), torch.ones(20_000))
        assert set(code.unique().tolist()) == {0.0, 1.0}
        torch.testing.assert_close(code.mean(0), torch.full((classes,), 1 / classes), rtol=0, atol=0.02)
    assert continuous.min() >= -1
    assert continuous.max() <= 1
    assert continuous.var().item() == pytest.approx(1 / 3, abs=0.01)
    assert continuous.mean().abs() < 0.02


def test_both_players_minimise_minus_log_q():
    """Equation 5, without H(c) and the Gaussians' constant: L_I = E log Q(c | G(z, c)), factored over the codes."""
    gan = make(Spy, **CODES, info_weight=0.5)
    fit(gan, points(batches=2))
    assert len(gan.seen) == 4
    for terms, z, prediction in gan.seen:
        first, second, continuous = z[:, 2:].split([3, 2, 2], 1)
        scores = prediction.split([3, 2, 2], 1)
        log_q = sum(Categorical(logits=s).log_prob(c.argmax(1)) for s, c in zip(scores, (first, second), strict=False))
        log_q = log_q + Normal(scores[2], 1.0).log_prob(continuous).sum(1) + math.log(2 * math.pi)
        torch.testing.assert_close(terms["info"], -0.5 * log_q.mean())


def test_the_generator_learns_from_the_code_too():
    class OnlyInfo(InfoGAN):
        def g_terms(self, step):
            terms = super().g_terms(step)
            return terms.replace("adv", terms["adv"].new_zeros(()))

    gan = make(OnlyInfo, **CODES)
    before = torch.cat([p.detach().flatten() for p in gan.generator.parameters()])
    fit(gan, points(batches=2))
    assert not torch.equal(torch.cat([p.detach().flatten() for p in gan.generator.parameters()]), before)


def test_the_code_becomes_readable_from_the_sample():
    """Two clusters and a code of two classes, no labels: Q names the class of nearly every new sample."""
    side = (torch.arange(64) % 2 * 2 - 1).float()[:, None] * torch.tensor([2.0, 0.0])
    data = Batches(*(side + 0.2 * torch.randn(64, 2) for _ in range(600)))
    mixed = type("Mixed", (InfoGAN, VanillaGAN), {})
    gan = mixed(shape=(2,), latent_dim=4, width_d=32, width_g=32, info_categorical=(2,), info_continuous=0)
    fit(gan, data)
    z = gan.sample_latent(500)
    read = gan.discriminator(gan(z)).heads["codes"].argmax(1)
    assert (read == z[:, -2:].argmax(1)).float().mean() > 0.9


def test_at_the_neutral_setting_there_is_no_code():
    neutral, plain = make(info_weight=0.0), make(GAN)
    torch.manual_seed(3)
    z = neutral.sample_latent(4)
    torch.manual_seed(3)
    assert torch.equal(z, plain.sample_latent(4))
    assert neutral.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize(
    "arguments",
    [
        {"info_weight": -1.0},
        {"info_weight": float("nan")},
        {"info_continuous": -1},
        {"info_categorical": (1,)},
        {"info_categorical": (), "info_continuous": 0},
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        make(**{**CODES, **arguments})


@pytest.mark.parametrize(
    "arguments",
    [
        {"info_weight": "1"},
        {"info_weight": None},
        {"info_continuous": 1.5},
        {"info_categorical": 10},
        {"info_categorical": (2.5,)},
    ],
)
@pytest.mark.parametrize("others", [{}, {"info_weight": 0.0}])
def test_arguments_of_another_type(arguments, others):
    with pytest.raises(TypeError, match=next(iter(arguments)) + " must"):
        make(**{**CODES, **others, **arguments})


def test_bad_networks():
    with pytest.raises(ValueError, match=r"take 12 columns of the latent, which has latent_dim=9"):
        make()
    with pytest.raises(ValueError, match="no num_features"):
        InfoGAN(MLPGenerator(12, (2,)), torch.nn.Linear(2, 1), latent_dim=12)
