"""Mode seeking: the term of a generator whose slope is known, and what it does to one that has collapsed."""

import pytest
import torch
from helpers import fit, make, points
from torch import nn

from gan_lightning.mixins import ModeSeeking


def test_the_term_is_the_inverse_of_the_slope():
    generator = nn.Linear(2, 2)
    with torch.no_grad():
        generator.weight.copy_(4 * torch.eye(2))
    seen = []

    class Spy(ModeSeeking):
        def g_terms(self, step):
            terms = super().g_terms(step)
            seen.append(float(terms["mode_seeking"].detach()))
            return terms

    gan = make(Spy, generator=generator, latent_dim=2, mode_seeking_weight=3.0, mode_seeking_eps=1.0)
    fit(gan, points(batches=1))
    assert seen == pytest.approx([3.0 / (4.0 + 1.0)])


def test_it_spreads_the_samples():
    def spread(weight):
        torch.manual_seed(0)
        generator = nn.Linear(4, 2)
        with torch.no_grad():
            generator.weight.mul_(0.2)
        slow = {"optimizer_g": lambda params: torch.optim.SGD(params, lr=0.01)}
        gan = make(ModeSeeking, generator=generator, mode_seeking_weight=weight, **slow)
        fit(gan, points(batches=30))
        return float(gan.sample(256, seed=0).std())

    assert spread(1.0) > 1.5 * spread(0.0)


@pytest.mark.parametrize("arguments", [{"mode_seeking_weight": -1.0}, {"mode_seeking_eps": 0.0}])
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected mode_seeking_weight >= 0 and mode_seeking_eps > 0"):
        make(ModeSeeking, **arguments)
