"""Scores of the players against loops over samples and pairs."""

import math

import pytest
import torch

from gan_lightning.functional import discriminator_score, generator_score, rank_accuracy


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    return 3 * torch.randn(5, generator=generator).double(), 3 * torch.randn(8, generator=generator).double()


def test_discriminator_score(logits):
    real, fake = logits
    expected = 0.5 * sum(map(sigmoid, real.tolist())) / 5 + 0.5 * sum(1 - sigmoid(f) for f in fake.tolist()) / 8
    assert discriminator_score(real, fake).item() == pytest.approx(expected, rel=1e-12)
    assert discriminator_score(torch.full((2,), 1e4), torch.full((3,), -1e4)).item() == 1.0
    assert discriminator_score(torch.full((2,), -1e4), torch.full((3,), 1e4)).item() == 0.0


def test_generator_score(logits):
    _, fake = logits
    assert generator_score(fake).item() == pytest.approx(sum(map(sigmoid, fake.tolist())) / 8, rel=1e-12)
    assert generator_score(torch.tensor([1e4, -1e4])).item() == 0.5


def test_scores_of_half_precision_logits_are_float32():
    logits = torch.tensor([1.0, 2.0], dtype=torch.bfloat16)
    assert generator_score(logits).item() == pytest.approx((sigmoid(1) + sigmoid(2)) / 2, rel=1e-6)
    assert discriminator_score(logits, logits).dtype == torch.float32
    assert rank_accuracy(logits, logits).dtype == torch.float32


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 9), (9, 1), (17, 30), (64, 64)])
def test_rank_accuracy_matches_all_pairs_with_ties(m, n):
    generator = torch.Generator().manual_seed(m + n)
    real = torch.randint(-3, 5, (m,), generator=generator).float()  # few values, many ties
    fake = torch.randint(-4, 4, (n,), generator=generator).float()
    pairs = [1.0 if r > f else 0.5 if r == f else 0.0 for r in real.tolist() for f in fake.tolist()]
    assert rank_accuracy(real, fake).item() == pytest.approx(sum(pairs) / len(pairs), rel=1e-6)


def test_rank_accuracy_extremes():
    low, high = torch.tensor([-1e30, -math.inf, 0.0]), torch.tensor([1.0, math.inf])
    assert rank_accuracy(high, low).item() == 1.0
    assert rank_accuracy(low, high).item() == 0.0
    assert rank_accuracy(low, low).item() == 0.5


def test_rank_accuracy_takes_strided_logits_without_a_warning():
    both = torch.tensor([[2.0, 0.0], [3.0, 1.0]], requires_grad=True)
    accuracy = rank_accuracy(both[:, 0], both[:, 1])
    assert accuracy.item() == 1.0
    assert not accuracy.requires_grad


@pytest.mark.parametrize("spoil", ["real", "fake"])
def test_rank_accuracy_of_nan_is_nan(spoil):
    logits = {"real": torch.arange(5.0), "fake": torch.arange(5.0)}
    logits[spoil][2] = math.nan
    assert rank_accuracy(logits["real"], logits["fake"]).isnan()
