"""Mode coverage over batches, its floors against perfect samples, and mistakes."""

import pytest
import torch
from torch import Tensor

from gan_lightning.data import GaussianMixture
from gan_lightning.functional import mode_shares, mode_total_variation, reverse_kl
from gan_lightning.metrics import ModeCoverage

GRID = GaussianMixture("grid", num_modes=25, spacing=1.5, sigma=0.1).centers


def drawn(num: int) -> Tensor:
    return GRID[torch.randint(25, (num,))] + 0.1 * torch.randn(num, 2)


def metric() -> ModeCoverage:
    return ModeCoverage(GRID, sigma=0.1)


def test_batches_add_up() -> None:
    samples, measured = drawn(1000) * 1.1, metric()
    for part in samples.split(170):
        measured.update(part)
    found, shares = measured.compute(), mode_shares(samples, GRID, 0.1)
    torch.testing.assert_close(found["tv"], mode_total_variation(shares.valid))
    torch.testing.assert_close(found["reverse_kl"], reverse_kl(shares.nearest))
    torch.testing.assert_close(found["valid"], shares.valid.sum())


def test_perfect_samples_have_what_perfect_samples_have() -> None:
    found = []
    for _ in range(40):
        measured = metric()
        measured.update(drawn(2500))
        found.append(measured.compute())
    for name in ("valid", "tv", "reverse_kl"):
        mean = torch.stack([each[name] for each in found]).mean()
        torch.testing.assert_close(mean, found[0][f"{name}_perfect"], rtol=0.1, atol=2e-3)
    assert all(each["modes"] == each["modes_by_one_sample"] == 25 for each in found)


def test_the_two_published_rules_differ() -> None:
    measured = metric()
    measured.update(torch.cat([GRID[:1].expand(500, 2), GRID[1:2]]))
    found = measured.compute()
    assert (int(found["modes"]), int(found["modes_by_one_sample"])) == (1, 2)


def test_samples_that_are_not_finite_are_nowhere() -> None:
    measured = metric()
    measured.update(torch.cat([GRID, torch.full((25, 2), torch.nan)]))
    assert float(measured.compute()["valid"]) == 0.5


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
def test_reset_and_mistakes() -> None:
    measured = metric()
    measured.update(GRID)
    measured.reset()
    with pytest.raises(ValueError, match="none since the last reset"):
        measured.compute()
    with pytest.raises(ValueError, match=r"\(N, 2\)"):
        measured.update(torch.zeros(4, 3))
    with pytest.raises(ValueError, match=r"expected \(K, D\)"):
        ModeCoverage([], sigma=1.0)
    with pytest.raises(ValueError, match="above 0"):
        ModeCoverage(GRID, sigma=0.0)
