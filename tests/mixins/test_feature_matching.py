"""Feature matching in a fit: the term by hand, with and without the adversarial one, at named layers."""

from typing import Any

import pytest
import torch
from helpers import LATENT, fit, make, points, weights
from torch import nn
from torch.nn.functional import softplus

from gan_lightning import GAN, AdamGAN, losses
from gan_lightning.callbacks import AnnealAttribute
from gan_lightning.functional import MATCHINGS
from gan_lightning.mixins import FeatureMatching, VirtualBatch
from gan_lightning.networks import MLPDiscriminator, MLPGenerator


def matching(cls: type[GAN] = FeatureMatching, **arguments: Any) -> GAN:
    torch.manual_seed(1)
    discriminator = MLPDiscriminator((2,), width=8, norm=arguments.pop("norm_d", "none"))
    return cls(MLPGenerator(LATENT, (2,), width=8), discriminator, latent_dim=LATENT, **arguments)


def spied(**arguments: Any) -> list[dict[str, torch.Tensor]]:
    """Fit for a few iterations and return the generator's terms beside what they are made of."""
    seen = []

    class Spy(FeatureMatching):
        def g_terms(self, step):
            terms = super().g_terms(step)
            fake = self.critique(step.fake, None)
            own = {"real": self.critique(step.real, None), "fake": fake, "plain": softplus(-fake.logits).mean()}
            seen.append({**{name: value.detach() for name, value in terms.items()}, **own})
            return terms

    fit(matching(Spy, **arguments))
    assert len(seen) == 4
    return seen


@pytest.mark.parametrize("distance", MATCHINGS)
def test_the_term_is_the_distance_between_features_and_the_adversarial_one_is_gone(distance: str) -> None:
    for terms in spied(matching_distance=distance, matching_weight=3.0):
        expected = 3.0 * MATCHINGS[distance](terms["real"].features, terms["fake"].features)
        torch.testing.assert_close(terms["matching"], expected.detach())
        assert terms["adv"] == 0


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_with_a_share_of_the_adversarial_term(weight: float) -> None:
    for terms in spied(matching_adv_weight=weight):
        torch.testing.assert_close(terms["adv"], weight * terms["plain"].detach())


def test_the_weights_are_those_of_the_papers_objective_trained_by_hand() -> None:
    gan, twin, data = matching(), matching(matching_weight=0.0), points(batches=3)
    fit(gan, data)
    optimizer_d, optimizer_g = AdamGAN(twin.discriminator.parameters()), AdamGAN(twin.generator.parameters())
    torch.manual_seed(2)
    for real in data:
        fake = twin.generator(torch.randn(8, LATENT))
        optimizer_d.zero_grad()
        logits = [twin.discriminator(x).logits for x in (real, fake.detach())]
        (softplus(-logits[0]).mean() + softplus(logits[1]).mean()).backward()
        optimizer_d.step()
        optimizer_g.zero_grad()
        means = [twin.discriminator(x).features.mean(0) for x in (real, fake)]
        (means[0] - means[1]).square().sum().backward()
        optimizer_g.step()
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_named_layers_are_summed() -> None:
    seen = []

    class Spy(FeatureMatching):
        def g_terms(self, step):
            terms = super().g_terms(step)
            hidden = self.discriminator.network.hidden
            pairs = [(layers(step.real), layers(step.fake)) for layers in (hidden[:1], hidden)]
            slow = sum((real.mean(0) - fake.mean(0)).square().sum() for real, fake in pairs)
            seen.append((terms["matching"].detach(), slow.detach()))
            return terms

    fit(matching(Spy, matching_layers=["hidden.0", "hidden"]))
    torch.testing.assert_close(*zip(*seen, strict=True))


def test_one_layer_may_be_given_by_its_name_alone() -> None:
    alone, listed = matching(matching_layers="hidden.1"), matching(matching_layers=["hidden.1"])
    fit(alone)
    fit(listed)
    assert torch.equal(weights(alone), weights(listed))


def test_the_weight_may_rise_from_zero_at_named_layers() -> None:
    late, never = (matching(matching_layers=["hidden.0"], matching_weight=0.0) for _ in range(2))
    fit(late, callbacks=[AnnealAttribute("matching_weight", 0.0, 1.0, over=3)])
    fit(never)
    assert weights(late).isfinite().all()
    assert not torch.equal(weights(late), weights(never))


def test_named_layers_without_a_weight_are_plain_gan() -> None:
    tapped, plain = matching(matching_layers=["hidden.0"], matching_weight=0.0), matching(GAN)
    fit(tapped)
    fit(plain)
    assert torch.equal(weights(tapped), weights(plain))


def test_layers_keep_their_names_when_another_technique_wraps_the_discriminator() -> None:
    settings = {"matching_layers": ["hidden.1"], "virtual_batch_players": "d", "norm_d": "batch"}
    for order in ((FeatureMatching, VirtualBatch), (VirtualBatch, FeatureMatching)):
        gan = matching(type("Both", order, {}), **settings)
        fit(gan)
        assert weights(gan).isfinite().all()


def test_an_unknown_layer_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"cannot tap.*hidden\.99"):
        matching(matching_layers=["hidden.99"])


@pytest.mark.parametrize("loss", [losses.RelativisticPaired, losses.RelativisticAverage, losses.Wasserstein])
def test_other_losses_lose_their_adversarial_term_too(loss: type) -> None:
    gan = matching(loss=loss())
    fit(gan)
    assert weights(gan).isfinite().all()


def test_a_discriminator_without_features_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"returns logits only.*matching_layers"):
        fit(make(FeatureMatching, discriminator=nn.Linear(2, 1)), points(batches=1))
    gan = make(FeatureMatching, matching_layers=["0"])  # a layer will do
    fit(gan)
    assert weights(gan).isfinite().all()


def test_the_neutral_setting_does_not_wrap() -> None:
    gan = matching(matching_weight=0.0)
    assert isinstance(gan.discriminator, MLPDiscriminator)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"matching_weight": -1.0}, "expected matching_weight >= 0"),
        ({"matching_adv_weight": -1.0}, "expected matching_weight >= 0"),
        ({"matching_distance": "pairs"}, "expected one of mean_l2, mean_l1, moments, mmd"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        matching(**arguments)
