"""The yardstick: the same each time, for any data."""

import pytest
import torch
from bin_histories import ring
from threadpoolctl import threadpool_limits

from gan_lightning.functional import distances
from gan_lightning.health.reference import Reference, flattened


def test_samples_become_short_vectors():
    assert flattened(torch.zeros(2, 3, 28, 28)).shape == (2, 3 * 16 * 16)
    assert flattened(torch.zeros(2, 1, 8, 8)).shape == (2, 64)
    assert flattened(torch.zeros(2, 4, 1000)).shape == (2, 4 * 256)
    assert flattened(torch.zeros(2, 5, dtype=torch.bfloat16)).dtype == torch.float32


def test_few_dimensions_keep_their_distances():
    vectors = torch.randn(600, 3) + 7
    points = Reference.fit(vectors).embed(vectors)
    assert torch.allclose(distances(points, points), distances(vectors, vectors), atol=1e-5)


def test_many_dimensions_become_principal_components():
    vectors = (
        torch.randn(500, 40, dtype=torch.float64)
        * torch.linspace(10, 0.1, 40)
        @ torch.linalg.qr(torch.randn(40, 40, dtype=torch.float64)).Q
    )
    reference = Reference.fit(vectors.float())
    best = torch.linalg.svd(vectors - vectors.mean(0), full_matrices=False).S[:16].square().sum()
    kept = reference.embed(vectors.float()).double().square().sum()
    assert kept.item() == pytest.approx(best.item(), rel=0.01)
    assert torch.allclose(reference.components.T @ reference.components, torch.eye(16), atol=1e-4)


@pytest.mark.parametrize("size", [2, 100])
def test_a_fit_is_the_same_each_time_and_draws_nothing(size):
    vectors = torch.randn(700, size)
    state = torch.get_rng_state()
    first = Reference.fit(vectors).state_dict()
    with threadpool_limits(2):
        again = Reference.fit(vectors).state_dict()
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_shares_are_even_enough_and_sum_to_one():
    reference = Reference.fit(ring(range(8), 2048))
    assert reference.shares.shape == (32,)
    assert reference.shares.sum().item() == pytest.approx(1, abs=1e-5)
    assert reference.shares.min() > 0


@pytest.mark.parametrize(("count", "num_bins"), [(1, 1), (20, 2), (63, 3), (2048, 32)])
def test_bins_are_as_many_as_samples_allow(count, num_bins):
    assert len(Reference.fit(torch.randn(count, 5)).shares) == num_bins


@pytest.mark.parametrize("size", [3, 50])
def test_few_distinct_samples_make_few_bins(size):
    reference = Reference.fit(torch.randn(5, size).repeat(100, 1))
    assert len(reference.shares) == 5
    assert reference.shares.tolist() == pytest.approx(5 * [0.2])
    constant = Reference.fit(torch.ones(300, size))
    assert constant.shares.tolist() == [1.0]


def test_constant_dimensions_do_no_harm():
    vectors = torch.cat([torch.randn(400, 20), torch.ones(400, 20)], 1)
    assert Reference.fit(vectors).embed(vectors).isfinite().all()


def test_broken_samples_are_left_out():
    vectors = torch.randn(400, 3)
    broken = torch.cat([torch.full((5, 3), torch.nan), vectors, torch.full((1, 3), torch.inf)])
    assert torch.equal(Reference.fit(broken).centers, Reference.fit(vectors).centers)
    with pytest.raises(ValueError, match="none of the 4 real samples is finite"):
        Reference.fit(torch.full((4, 3), torch.nan))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_any_precision_is_compared_in_single(dtype):
    vectors = torch.randn(300, 30).to(dtype)
    reference = Reference.fit(vectors)
    assert {each.dtype for each in reference.state_dict().values()} == {torch.float32}
    assert reference.histogram(reference.embed(vectors)).sum().item() == pytest.approx(1, abs=1e-5)


def test_shares_follow_the_data_and_no_broken_window():
    reference = Reference(torch.zeros(1), torch.eye(1), torch.tensor([[0.0], [1.0]]), torch.tensor([0.5, 0.5]))
    reference.follow(torch.tensor([torch.nan, torch.nan]))
    assert reference.shares.tolist() == [0.5, 0.5]
    reference.follow(torch.tensor([1.0, 0.0]))
    assert reference.shares.tolist() == [0.625, 0.375]


def test_a_reference_survives_saving():
    reference = Reference.fit(torch.randn(200, 30))
    again = Reference(**reference.state_dict())
    points = torch.randn(9, 30)
    assert torch.equal(again.embed(points), reference.embed(points))
