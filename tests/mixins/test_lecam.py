"""LeCam: the anchors by hand, when the term sets in, and what it does to a discriminator."""

import pytest
import torch
from helpers import fit, make, points

from gan_lightning.mixins import LeCam


class Spy(LeCam):
    """Keeps each update's logits and term."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def d_terms(self, step):
        terms = super().d_terms(step)
        logits = [critique.logits.detach().double() for critique in (step.on_real, step.on_fake)]
        self.seen.append((*logits, float(terms["lecam"].detach()) if "lecam" in terms else None))
        return terms


def test_the_term_is_the_formula_with_means_corrected_for_their_start():
    gan = make(Spy, lecam_weight=0.5, lecam_decay=0.8, lecam_start=2)
    fit(gan, points(batches=4))
    mean_real = mean_fake = 0.0
    for t, (real, fake, term) in enumerate(gan.seen):
        mean_real = 0.8 * mean_real + 0.2 * float(real.mean())
        mean_fake = 0.8 * mean_fake + 0.2 * float(fake.mean())
        correction = 1 - 0.8 ** (t + 1)
        a_real, a_fake = mean_real / correction, mean_fake / correction
        slow = sum((x - a_fake) ** 2 for x in real.tolist()) / 8 + sum((x - a_real) ** 2 for x in fake.tolist()) / 8
        assert term is None if t < 2 else term == pytest.approx(0.5 * slow, rel=1e-5)


def test_the_first_anchors_are_the_first_means():
    gan = make(Spy)
    fit(gan, points(batches=1))
    real, fake, _ = gan.seen[0]
    means = (gan.lecam_means / gan.lecam_means[2]).double()
    torch.testing.assert_close(means, torch.stack([real.mean(), fake.mean(), torch.ones(()).double()]))


def test_it_draws_the_kinds_together():
    def gap(weight):
        quick = {"optimizer_d": lambda params: torch.optim.Adam(params, lr=0.02)}
        gan = make(LeCam, lecam_weight=weight, **quick)
        data = points(batches=60)
        fit(gan, data)
        with torch.no_grad():
            real = gan.discriminator(torch.cat(data.batches)).mean()
            return float(real - gan.discriminator(gan.sample(256, seed=0)).mean())

    assert abs(gap(10.0)) < 0.5 * abs(gap(0.0))


@pytest.mark.parametrize("arguments", [{"lecam_weight": -1.0}, {"lecam_decay": 1.0}, {"lecam_start": -1}])
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected lecam_weight >= 0, lecam_decay in"):
        make(LeCam, **arguments)
