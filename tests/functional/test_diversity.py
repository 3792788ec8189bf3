"""Label-free diversity against slow loops and closed forms."""

import math

import pytest
import torch

from gan_lightning.functional import coverage, distances, duplicate_share, effective_rank, pair_distance, vendi_score

ALIKE = torch.tensor([[3.0, -7.0]]).expand(40, 2)
BROKEN = torch.tensor([[0.0, 0.0], [math.nan, 1.0], [2.0, 2.0]])


def apart(points):
    return distances(points, points)


def covered_by(real, fake, **arguments):
    return coverage(apart(real), distances(real, fake), **arguments)


def test_pair_distance_is_the_mean_over_pairs():
    points = torch.randn(9, 3, dtype=torch.float64)
    pairs = [(points[i] - points[j]).norm().item() for i in range(9) for j in range(i)]
    assert pair_distance(apart(points)).item() == pytest.approx(sum(pairs) / len(pairs))


def test_equal_points_are_at_no_distance():
    points = 1e4 + torch.randn(50, 16)
    assert distances(points, points).diagonal().eq(0).all()
    assert pair_distance(apart(ALIKE)).item() == 0


def test_one_point_has_no_pair():
    assert pair_distance(apart(torch.zeros(1, 2))).isnan()


def test_duplicates_have_a_near_copy_on_the_scale_of_the_real_samples():
    real = torch.arange(20.0)[:, None]
    fake = torch.tensor([[0.0], [0.049], [5.0], [5.051], [9.0], [12.0], [12.0]])
    assert duplicate_share(apart(fake), apart(real)).item() == pytest.approx(4 / 7)
    assert duplicate_share(apart(100 * fake), apart(100 * real)).item() == pytest.approx(4 / 7)


def test_copies_among_real_samples_do_not_change_the_scale():
    real = torch.arange(20.0)[:, None]
    fake = torch.tensor([[0.0], [0.04], [5.0], [8.0]])
    assert (
        duplicate_share(apart(fake), apart(real.repeat(5, 1))).item()
        == duplicate_share(apart(fake), apart(real)).item()
        == 0.5
    )


def test_real_samples_that_are_all_alike_give_no_scale():
    assert duplicate_share(apart(torch.randn(10, 2)), apart(ALIKE)).isnan()


def test_coverage_against_a_loop():
    real, fake = torch.randn(40, 3, dtype=torch.float64), torch.randn(30, 3, dtype=torch.float64) + 0.5
    covered = 0
    for i in range(40):
        radius = sorted((real[i] - real[j]).norm().item() for j in range(40) if j != i)[4]
        covered += any((real[i] - each).norm().item() < radius for each in fake)
    assert 10 < covered < 40
    assert covered_by(real, fake).item() == pytest.approx(covered / 40)


def test_coverage_of_the_same_distribution_is_known():
    found = [covered_by(torch.randn(128, 4), torch.randn(128, 4)).item() for _ in range(20)]
    assert sum(found) / 20 == pytest.approx(1 - 2**-5, abs=0.02)


@pytest.mark.parametrize(("real", "fake"), [(5, 5), (20, 0)])
def test_coverage_needs_more_than_k(real, fake):
    assert covered_by(torch.randn(real, 2), torch.randn(fake, 2)).isnan()


@pytest.mark.parametrize("order", [0.5, 1.0, 2.0, 3.0])
def test_vendi_counts_different_samples(order):
    kinds = 100 * torch.arange(5.0).repeat(6)[:, None]
    assert vendi_score(apart(kinds), 1.0, order).item() == pytest.approx(5, rel=1e-3)
    assert vendi_score(apart(ALIKE), 1.0, order).item() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("order", [1.0, 2.0])
def test_vendi_against_the_entropy_of_eigenvalues(order):
    points = torch.randn(12, 2, dtype=torch.float64)
    kernel = torch.tensor([[math.exp(-((a - b) ** 2).sum().item() / (2 * 0.49)) for b in points] for a in points])
    p = torch.linalg.eigvalsh(kernel.double() / 12).clamp(min=1e-300)
    expected = (-(p * p.log()).sum()).exp() if order == 1 else 1 / (p**2).sum()
    assert vendi_score(apart(points), 0.7, order).item() == pytest.approx(expected.item(), rel=1e-5)


def test_vendi_survives_a_decomposition_that_fails(monkeypatch):
    def fails(_):
        raise torch.linalg.LinAlgError("did not converge")

    monkeypatch.setattr(torch.linalg, "eigvalsh", fails)
    assert vendi_score(apart(ALIKE), 1.0).item() == pytest.approx(1)


def test_vendi_rejects_an_order_of_nothing():
    with pytest.raises(ValueError, match="above 0, got 0"):
        vendi_score(apart(ALIKE), 1.0, order=0)


def test_effective_rank_counts_directions():
    cross = torch.cat([torch.eye(4), -torch.eye(4)])
    assert effective_rank(cross).item() == pytest.approx(4)
    assert effective_rank(cross * torch.tensor([1.0, 1.0, 0.0, 0.0])).item() == pytest.approx(2)
    assert effective_rank(ALIKE).item() == pytest.approx(1)


def test_effective_rank_against_the_eigenvalues():
    points = torch.randn(50, 6, dtype=torch.float64) * torch.arange(1.0, 7.0)
    eigenvalues = torch.linalg.eigvalsh(points.T.cov())
    expected = eigenvalues.sum() ** 2 / eigenvalues.square().sum()
    assert effective_rank(points).item() == pytest.approx(expected.item())


@pytest.mark.parametrize(
    "measure",
    [
        lambda points: pair_distance(apart(points)),
        effective_rank,
        lambda points: vendi_score(apart(points), 1.0),
        lambda points: vendi_score(apart(points), 1.0, order=2),
        lambda points: covered_by(points, torch.randn(9, 2), k=1),
        lambda points: covered_by(torch.randn(9, 2), points, k=1),
        lambda points: duplicate_share(apart(points), apart(torch.randn(9, 2))),
        lambda points: duplicate_share(apart(torch.randn(9, 2)), apart(points)),
    ],
)
def test_broken_samples_make_it_unknown(measure):
    assert measure(BROKEN).isnan()
