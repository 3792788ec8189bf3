"""Gap-aware learning rate: ideal values of all losses, the factor that acts, and the rate that is left behind."""

import pytest
import torch
from helpers import fit, make, mlp, points, weights
from torch.nn.functional import softplus

from gan_lightning import losses
from gan_lightning.functional import gap_aware_factor
from gan_lightning.mixins import GapAwareLearningRate, gap_aware_learning_rate
from gan_lightning.mixins.gap_aware_learning_rate import IDEAL

UNSCALED = {"Wasserstein": {"gap_width": 0.1}}


def descend(params):
    return torch.optim.SGD(params, lr=0.1)


@pytest.mark.parametrize("kind", IDEAL, ids=lambda kind: kind.__name__)
def test_the_ideal_value_is_the_least_loss_where_the_kinds_are_the_same(kind):
    constant = torch.linspace(-2, 2, 401)[:, None].expand(-1, 4)
    least = min(float(kind().d_loss(logits, logits)) for logits in constant)
    gan = make(GapAwareLearningRate, loss=kind(), **UNSCALED.get(kind.__name__, {}))
    assert gan.gap_ideal == pytest.approx(least, abs=1e-5)


def test_updates_are_those_of_descent_with_the_rate_by_hand():
    gan = make(GapAwareLearningRate, gap_decay=0.5, gap_width=1.0, optimizer_d=descend, optimizer_g=descend)
    twin = make(GapAwareLearningRate)
    data = points(batches=4)
    fit(gan, data)

    torch.manual_seed(2)
    smoothed, factors = gan.gap_ideal, []
    for real in data:
        fake = twin.generator(torch.randn(8, 4))
        logits = twin.discriminator(torch.cat([real, fake.detach()]))[:, 0]
        loss = softplus(-logits[:8]).mean() + softplus(logits[8:]).mean()
        smoothed = 0.5 * smoothed + 0.5 * float(loss.detach())
        factors.append(gap_aware_factor(smoothed, gan.gap_ideal, 1.0))
        params = list(twin.discriminator.parameters())
        for p, g in zip(params, torch.autograd.grad(loss, params), strict=True):
            p.data -= 0.1 * factors[-1] * g
        params = list(twin.generator.parameters())
        for p, g in zip(params, torch.autograd.grad(softplus(-twin.discriminator(fake)).mean(), params), strict=True):
            p.data -= 0.1 * g
    assert len(set(factors)) == 4
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)


def test_the_rate_is_put_back_and_schedulers_count_from_it():
    def halve(optimizer):
        return torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)

    gan = make(GapAwareLearningRate, gap_ideal=100.0, optimizer_d=descend, scheduler_d=halve)
    run = fit(gan, points(batches=3))
    assert run.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.1 * 0.5**3)
    assert gan._gap_factor == pytest.approx(0.1)


def test_the_factor_is_read_at_intervals():
    gan = make(GapAwareLearningRate, gap_ideal=100.0, gap_width=1000.0, gap_decay=0.0, gap_every=3)
    fit(gan, points(batches=3))
    early = gan._gap_factor
    assert early == pytest.approx(gap_aware_factor(1.4, 100.0, 1000.0), rel=0.01)
    assert early != gap_aware_factor(float(gan.gap_loss), 100.0, 1000.0)


def test_other_losses_need_an_ideal_value():
    class Other(losses.Hinge):
        pass

    with pytest.raises(ValueError, match="knows no ideal value of Other: give gap_ideal"):
        make(GapAwareLearningRate, loss=Other())
    with pytest.raises(ValueError, match="give gap_width > 0"):
        make(GapAwareLearningRate, loss=losses.Wasserstein())
    assert make(GapAwareLearningRate, loss=Other(), gap_ideal=1.0, discriminator=mlp(2, 1)).gap_width == 0.1


def test_the_mean_decays_once_per_update_by_the_mean_of_its_micro_batches():
    seen = []

    class Spy(GapAwareLearningRate):
        def d_terms(self, step):
            terms = super().d_terms(step)
            seen.append(float(terms["adv"].detach()))
            return terms

    gan = make(Spy, gap_decay=0.5, micro_batches_d=4)
    fit(gan, points(batches=3))
    running = gan.gap_ideal
    for update in range(3):
        running = 0.5 * running + 0.5 * sum(seen[4 * update : 4 * update + 4]) / 4
    assert gan.gap_loss.item() == pytest.approx(running, abs=1e-6)


def test_the_ranks_agree_once_per_update(monkeypatch):
    calls = []
    monkeypatch.setattr(gap_aware_learning_rate, "mean_over_ranks", lambda x: calls.append(x) or x)
    fit(make(GapAwareLearningRate, micro_batches_d=4), points(batches=3))
    assert len(calls) == 3


def test_at_the_neutral_limits_nothing_is_asked_of_the_loss():
    class Other(losses.Hinge):
        pass

    for loss in (losses.Wasserstein(), Other()):
        fit(make(GapAwareLearningRate, loss=loss, gap_slowest=1.0, gap_fastest=1.0), points(batches=1))


def test_counts_are_whole_numbers():
    with pytest.raises(TypeError, match=r"gap_every must be a whole number, got 2\.5"):
        make(GapAwareLearningRate, gap_every=2.5)
    with pytest.raises(ValueError, match="gap_every must be at least 1, got 0"):
        make(GapAwareLearningRate, gap_every=0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"gap_slowest": 0.0}, {"gap_slowest": 2.0}, {"gap_fastest": 0.5}, {"gap_fastest": float("inf")},
        {"gap_decay": 1.0},
    ],
)  # fmt: skip
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected gap_slowest in"):
        make(GapAwareLearningRate, **arguments)
