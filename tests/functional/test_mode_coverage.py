"""Mode coverage in cases that can be counted by hand, and its floors for perfect samples."""

import math

import pytest
import torch

from gan_lightning.functional import mode_shares, mode_total_variation, modes_covered, reverse_kl

GRID = torch.cartesian_prod(*2 * [1.5 * torch.arange(-2.0, 3.0)])
SIGMA = 0.1


def test_perfect_samples_reach_the_floors():
    count = 400_000
    samples = GRID[torch.arange(count) % 25] + SIGMA * torch.randn(count, 2)
    nearest, valid = mode_shares(samples, GRID, SIGMA)
    outside = math.exp(-4.5)
    assert modes_covered(valid) == 25
    assert valid.sum().item() == pytest.approx(1 - outside, abs=5e-4)
    assert mode_total_variation(valid).item() == pytest.approx(outside, abs=5e-4)
    assert reverse_kl(nearest).item() == pytest.approx(0.0, abs=1e-6)  # as many of each mode, by design


def test_reverse_kl_of_drawn_modes_is_its_bias():
    count = 10_000
    values = [reverse_kl(torch.randint(25, (count,)).bincount(minlength=25) / count).item() for _ in range(50)]
    assert sum(values) / 50 == pytest.approx(24 / (2 * count), rel=0.15)


def test_one_mode_is_as_far_as_it_gets():
    nearest, valid = mode_shares(GRID[[7]].expand(100, 2), GRID, SIGMA)
    assert nearest[7] == valid[7] == 1
    assert modes_covered(valid) == 1
    assert mode_total_variation(valid).item() == pytest.approx(24 / 25)
    assert reverse_kl(nearest).item() == pytest.approx(math.log(25))


def test_samples_between_the_modes_are_nowhere_but_near_one():
    nearest, valid = mode_shares(GRID + 0.5, GRID, SIGMA)  # 0.71 from its own centre, 1.12 from the next
    assert torch.equal(nearest, torch.full((25,), 1 / 25, dtype=torch.float64))
    assert modes_covered(valid, at_least=0.0) == 0
    assert mode_total_variation(valid).item() == pytest.approx(1.0)


def test_three_sigma_is_in():
    samples = torch.tensor([[0.0, 3.0], [3.0, 0.0], [0.0, 3.001], [-2.1, 2.1], [-2.2, 2.2]])
    assert mode_shares(samples, torch.zeros(1, 2), sigma=1.0).valid.item() == pytest.approx(3 / 5)


def test_a_mode_counts_from_one_percent_of_all_samples_or_from_one():
    counts = torch.tensor([9800, 100, 99, 1, 0])
    centers = 10 * torch.arange(5.0)[:, None]
    valid = mode_shares(centers.repeat_interleave(counts, 0), centers, sigma=1.0).valid
    assert valid.tolist() == [0.98, 0.01, 0.0099, 0.0001, 0.0]
    assert modes_covered(valid) == 2
    assert modes_covered(valid, at_least=0.0) == 4


def test_total_variation_is_half_the_sum_over_modes_and_the_rest():
    valid = torch.tensor([0.3, 0.1, 0.0, 0.2])
    assert mode_total_variation(valid).item() == pytest.approx((0.05 + 0.15 + 0.25 + 0.05 + 0.4) / 2)


def test_broken_samples_are_in_no_mode():
    samples = torch.tensor([[0.0, 0.0], [float("nan"), 0.0], [float("inf"), 0.0], [0.0, 0.0]])
    nearest, valid = mode_shares(samples, torch.zeros(1, 2), sigma=1.0)
    assert nearest.item() == valid.item() == 0.5


@pytest.mark.parametrize(("samples", "modes"), [(0, 3), (3, 0)])
def test_it_needs_samples_and_modes(samples, modes):
    with pytest.raises(ValueError, match=f"{samples} samples among {modes} modes"):
        mode_shares(torch.zeros(samples, 2), torch.zeros(modes, 2), sigma=1.0)
