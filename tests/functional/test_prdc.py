"""Precision, recall, density and coverage against slow loops and published figures."""

import pytest
import torch
from torch import Tensor

from gan_lightning.functional import prdc


def slow(real: Tensor, fake: Tensor, k: int) -> list[float]:
    """After the papers' formulas, sample by sample in float64."""

    def reach(points: Tensor) -> list[float]:
        return [sorted(float((x - y).norm()) for y in points)[k] for x in points]

    real, fake = real.double(), fake.double()
    real_reach, fake_reach = reach(real), reach(fake)
    apart = [[float((x - y).norm()) for y in fake] for x in real]
    pairs = [(i, j) for i in range(len(real)) for j in range(len(fake))]
    inside = {j for i, j in pairs if apart[i][j] < real_reach[i]}
    recalled = {i for i, j in pairs if apart[i][j] < fake_reach[j]}
    density = sum(apart[i][j] < real_reach[i] for i, j in pairs) / (k * len(fake))
    covered = {i for i, j in pairs if apart[i][j] < real_reach[i]}
    return [len(inside) / len(fake), len(recalled) / len(real), density, len(covered) / len(real)]


@pytest.mark.parametrize(("dimensions", "k"), [(2, 3), (2, 5), (40, 3)])
def test_slow_loops(dimensions: int, k: int) -> None:
    real, fake = torch.randn(60, dimensions), 0.6 * torch.randn(45, dimensions) + 0.5
    assert [float(each) for each in prdc(real, fake, k)] == pytest.approx(slow(real, fake, k), abs=1e-9)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = torch.randn(300, 3), torch.randn(200, 3) + 0.5
    whole = prdc(real, fake)
    monkeypatch.setitem(prdc.__globals__, "CHUNK", 1000)
    assert prdc(real, fake) == whole


def test_perfect_samples_have_density_1_and_a_coverage_that_is_known() -> None:
    found = prdc(*torch.randn(2, 5000, 64))
    assert float(found.density) == pytest.approx(1.0, abs=0.1)
    assert float(found.coverage) == pytest.approx(1 - 2**-5, abs=0.01)


def test_mistakes() -> None:
    with pytest.raises(ValueError, match="more than k = 5"):
        prdc(torch.zeros(5, 2), torch.zeros(50, 2))
    with pytest.raises(ValueError, match="some generated samples are NaN"):
        prdc(torch.zeros(50, 2), torch.full((50, 2), torch.nan))
