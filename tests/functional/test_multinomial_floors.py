"""Floors against published ones, and against drawn samples."""

import pytest
import torch

from gan_lightning.functional import deviation_floor, kl_floor, modes_floor


def even(num_modes: int) -> torch.Tensor:
    return torch.full((num_modes,), 1 / num_modes, dtype=torch.float64)


@pytest.mark.parametrize(("num", "num_modes", "published"), [(2500, 8, 0.0014), (2500, 25, 0.0047)])
def test_floors_of_the_reverse_divergence(num: int, num_modes: int, published: float) -> None:
    assert float(kl_floor(num, even(num_modes))) == pytest.approx(published, abs=1.5e-4)


def test_modes_that_perfect_samples_of_stacked_mnist_hit() -> None:
    assert float(modes_floor(2560, even(1000))) == pytest.approx(1000 * (1 - 0.999**2560))


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.9, 0.09, 0.01), (0.0, 1.0)])
def test_means_over_drawn_samples(shares: tuple[float, ...]) -> None:
    due, reference = torch.tensor(shares).double(), even(len(shares))
    drawn = torch.distributions.Multinomial(60, due).sample((40_000,)) / 60
    kl = torch.special.xlogy(drawn, drawn / reference).sum(1).mean()
    torch.testing.assert_close(kl_floor(60, due, reference), kl, rtol=0.02, atol=1e-4)
    deviation = (drawn - reference).abs().sum(1).mean()
    torch.testing.assert_close(deviation_floor(60, due, reference), deviation, rtol=0.02, atol=1e-4)


def test_large_numbers_of_samples_and_modes_lose_nothing() -> None:
    due = torch.rand(1000).double() + 0.5
    due /= due.sum()
    bias = 999 / (2 * 1_000_000)
    assert float(kl_floor(1_000_000, due)) == pytest.approx(bias, rel=1e-2)
