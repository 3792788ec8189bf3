"""Adaptive balance: when it acts, that it never acts more often than allowed, and that a resume goes on exactly."""

import pytest
import torch
from helpers import Batches, fit, make, points
from torch import nn

from gan_lightning import GAN
from gan_lightning.mixins import AdaptiveBalance, UnrolledGAN, adaptive_balance


class Counted(GAN):
    """Counts the discriminator's updates of each iteration."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.updates = []

    def train_on(self, batch):
        self.updates.append(0)
        super().train_on(batch)

    def d_step(self, batch):
        self.updates[-1] += 1
        super().d_step(batch)


def updates(sure, batches=40, **arguments):
    """Return the updates per iteration of a discriminator that is always right, or always wrong."""
    discriminator = nn.Linear(2, 1)
    with torch.no_grad():
        discriminator.weight.fill_(1.0 if sure else -1.0)
    still = {name: lambda params: torch.optim.SGD(params, lr=0.0) for name in ("optimizer_d", "optimizer_g")}
    gan = make(type("Balanced", (AdaptiveBalance, Counted), {}), discriminator=discriminator, **still, **arguments)
    fit(gan, Batches(*(100 + torch.randn(batches, 8, 2))))
    return gan.updates


@pytest.mark.parametrize("cap", [0.25, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("sure", [True, False])
def test_the_share_is_used_and_never_exceeded(sure, cap):
    acted = [count != 1 for count in updates(sure, balance_cap=cap, balance_every=1)]
    assert all(sum(acted[:n]) <= cap * n for n in range(1, 41))
    assert sum(acted) >= cap * 40 - 5


def test_a_sure_discriminator_is_skipped_and_a_wrong_one_repeats():
    assert set(updates(sure=True)) == {0, 1}
    assert set(updates(sure=False)) == {1, 2}


def test_decisions_are_taken_at_intervals():
    assert updates(sure=True, batches=12, balance_every=10) == [1] * 10 + [0, 1]


def test_nothing_happens_in_between():
    assert set(updates(sure=True, balance_high=1.0)) == {1}
    assert set(updates(sure=False, balance_low=0.0)) == {1}


def test_the_accuracy_is_the_running_share_of_pairs_in_order():
    seen = []

    class Spy(AdaptiveBalance):
        def d_terms(self, step):
            terms = super().d_terms(step)
            real, fake = step.on_real.logits.tolist(), step.on_fake.logits.tolist()
            seen.append(sum(r > f for r in real for f in fake) / 64)
            return terms

    gan = make(Spy, balance_decay=0.5, balance_low=0.0, balance_high=1.0)
    fit(gan, points(batches=3))
    mean = 0.0
    for accuracy in seen:
        mean = 0.5 * mean + 0.5 * accuracy
    total, weight = gan.balance_means.tolist()
    assert total / weight == pytest.approx(mean / (1 - 0.5**3))


def test_the_mean_decays_once_per_update_by_all_pairs_of_its_micro_batches():
    real, fake = [], []

    class Spy(AdaptiveBalance):
        def d_terms(self, step):
            terms = super().d_terms(step)
            real.extend(step.on_real.logits.tolist())
            fake.extend(step.on_fake.logits.tolist())
            return terms

    gan = make(Spy, balance_decay=0.5, micro_batches_d=4, balance_low=0.0, balance_high=1.0)
    fit(gan, points(batches=3))
    mean = 0.0
    for i in range(0, 24, 8):
        mean = 0.5 * mean + 0.5 * sum(r > f for r in real[i : i + 8] for f in fake[i : i + 8]) / 64
    assert gan.balance_means.tolist() == pytest.approx([mean, 1 - 0.5**3])


def test_the_ranks_agree_once_per_update(monkeypatch):
    calls = []
    monkeypatch.setattr(adaptive_balance, "gather_over_ranks", lambda x: calls.append(x) or x)
    fit(make(AdaptiveBalance, micro_batches_d=4, balance_low=0.0, balance_high=1.0), points(batches=3))
    assert [len(x) for x in calls] == [8, 8, 8]


def test_a_look_ahead_does_not_count(monkeypatch):
    """UnrolledGAN asks for the terms of no update."""
    calls = []
    monkeypatch.setattr(adaptive_balance, "gather_over_ranks", lambda x: calls.append(x) or x)
    both = type("Both", (AdaptiveBalance, UnrolledGAN), {})
    fit(make(both, balance_low=0.0, balance_high=1.0), points(batches=3))
    assert [len(x) for x in calls] == [8, 8, 8]


def test_counts_are_whole_numbers():
    with pytest.raises(TypeError, match=r"balance_every must be a whole number, got 2\.5"):
        make(AdaptiveBalance, balance_every=2.5)
    with pytest.raises(ValueError, match="balance_every must be at least 1, got 0"):
        make(AdaptiveBalance, balance_every=0)


def test_a_resumed_run_takes_the_same_decisions(tmp_path):
    settings = {"balance_low": 0.5, "balance_high": 0.5 + 1e-9, "balance_every": 2, "balance_cap": 0.75}

    def run(epochs, ckpt_path=None):
        gan = make(type("Balanced", (AdaptiveBalance, Counted), {}), **settings)
        return fit(gan, points(batches=9), max_epochs=epochs, ckpt_path=ckpt_path), gan

    _, straight = run(2)
    first, half = run(1)
    first.save_checkpoint(tmp_path / "half.ckpt")
    _, rest = run(2, tmp_path / "half.ckpt")
    assert half.updates + rest.updates == straight.updates
    assert straight._balance == rest._balance


def test_the_shares_are_logged():
    run = fit(make(AdaptiveBalance), points(batches=4), log_every_n_steps=4)
    assert run.logged_metrics.keys() >= {"d/skip_share", "d/repeat_share", "d/balance_accuracy"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"balance_low": 0.6}, {"balance_high": 0.5}, {"balance_high": 1.1}, {"balance_cap": 1.0},
        {"balance_cap": -0.1}, {"balance_decay": 1.0},
    ],
)  # fmt: skip
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected balance_"):
        make(AdaptiveBalance, **arguments)
