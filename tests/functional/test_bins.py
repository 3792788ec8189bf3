"""Bins against counting by hand, and the missing share against what was taken away."""

import math

import pytest
import torch

from gan_lightning.functional import bin_shares, different_bins, missing_share, share_distance


def test_shares_are_counts_of_the_nearest_centre():
    points, centers = torch.randn(200, 3), torch.randn(7, 3)
    counts = [0] * 7
    for point in points.double():
        counts[min(range(7), key=lambda k: (point - centers[k].double()).norm().item())] += 1
    assert bin_shares(points, centers).tolist() == pytest.approx([count / 200 for count in counts])


def test_a_broken_point_makes_all_unknown():
    points = torch.tensor([[0.0], [math.inf]])
    assert bin_shares(points, torch.tensor([[0.0], [1.0]])).isnan().all()
    assert missing_share(torch.tensor([math.nan, 1.0]), torch.tensor([0.5, 0.5]), 100).isnan()
    assert different_bins(torch.tensor([math.nan, 1.0]), 100, torch.tensor([0.5, 0.5]), 100).isnan()


def test_distance_is_what_must_be_moved():
    assert share_distance(torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.3, 0.5])).item() == pytest.approx(0.3)
    assert share_distance(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])).item() == 1


@pytest.mark.parametrize("lost", [0, 8, 16, 28])
@pytest.mark.parametrize("num", [256, 512, 2048])
def test_missing_is_the_mass_that_was_taken_away(lost, num):
    due = torch.full((32,), 1 / 32)
    drawn = torch.multinomial(due[lost:], num, replacement=True) + lost
    shares = drawn.bincount(minlength=32) / num
    assert missing_share(shares, due, num).item() == pytest.approx(lost / 32, abs=0.04)


def test_too_few_due_samples_never_count():
    due = torch.tensor([0.97, 0.03])
    assert missing_share(torch.tensor([1.0, 0.0]), due, num=90).item() == 0
    assert missing_share(torch.tensor([1.0, 0.0]), due, num=110).item() == pytest.approx(0.03)


def test_a_quarter_of_its_due_is_enough():
    due = torch.tensor([0.5, 0.5])
    assert missing_share(torch.tensor([0.875, 0.125]), due, num=1000).item() == 0
    assert missing_share(torch.tensor([0.876, 0.124]), due, num=1000).item() == 0.5


def test_the_test_is_the_sum_of_poisson_probabilities():
    count, due = 3, 9.0
    by_chance = sum(math.exp(-due) * due**k / math.factorial(k) for k in range(count + 1))
    shares, expected = torch.tensor([0.97, 0.03]), torch.tensor([0.91, 0.09])
    for level, missing in ((by_chance * 1.01, 0.09), (by_chance * 0.99, 0.0)):
        assert missing_share(shares, expected, 100, below=0.5, level=level).item() == pytest.approx(missing)


def test_different_bins_against_the_two_proportion_test():
    p, q, m, n = torch.tensor([0.3, 0.5, 0.2]), torch.tensor([0.2, 0.52, 0.28]), 150, 400
    different = 0
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        pooled = (a * m + b * n) / (m + n)
        different += abs(a - b) / math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n)) > 1.96
    assert different == 1
    assert different_bins(p, m, q, n).item() == pytest.approx(different / 3)
