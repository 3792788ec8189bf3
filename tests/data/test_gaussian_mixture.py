import math

import pytest
import torch

from gan_lightning.data import GaussianMixture


def sample(**options):
    data = GaussianMixture(**options)
    return data, *data.load()


@pytest.mark.parametrize("num_modes", [2, 3, 8, 10])
def test_ring_has_distinct_centres_at_the_radius(num_modes):
    centers = GaussianMixture(num_modes=num_modes, radius=3.0).centers
    assert centers.shape == (num_modes, 2)
    torch.testing.assert_close(centers.norm(dim=1), torch.full((num_modes,), 3.0))
    distances = torch.cdist(centers, centers).fill_diagonal_(math.inf)
    expected = 2 * 3.0 * math.sin(math.pi / num_modes)
    torch.testing.assert_close(distances.min(dim=1).values, torch.full((num_modes,), expected), atol=1e-5, rtol=0)
    torch.testing.assert_close(centers.mean(dim=0), torch.zeros(2), atol=1e-6, rtol=0)


def test_grid_centres():
    centers = GaussianMixture("grid", num_modes=25).centers
    expected = [[x, y] for x in (-4.0, -2.0, 0.0, 2.0, 4.0) for y in (-4.0, -2.0, 0.0, 2.0, 4.0)]
    assert centers.tolist() == expected
    assert GaussianMixture("grid", num_modes=4, spacing=3.0).centers.abs().eq(1.5).all()


@pytest.mark.parametrize("options", [{}, {"layout": "grid", "num_modes": 25, "sigma": 0.05}])
def test_each_mode_has_its_mean_deviation_and_share(options):
    data, points, labels = sample(**options)
    assert points.shape == (100_000, 2)
    assert points.dtype == torch.float32
    share = 1 / data.num_modes
    for mode, center in enumerate(data.centers):
        own = points[labels == mode]
        n = len(own)
        # Five standard errors of each statistic: a failure by chance has odds below 1e-4 over all of them.
        assert abs(n / 100_000 - share) < 5 * math.sqrt(share * (1 - share) / 100_000)
        assert (own.mean(dim=0) - center).abs().max() < 5 * data.sigma / math.sqrt(n)
        assert (own.std(dim=0) / data.sigma - 1).abs().max() < 5 / math.sqrt(2 * n)


def test_three_sigma_hold_the_share_of_a_plane_gaussian():
    data, points, labels = sample()
    within = ((points - data.centers[labels]).norm(dim=1) <= 3 * data.sigma).double().mean()
    expected = 1 - math.exp(-4.5)
    assert abs(within - expected) < 5 * math.sqrt(expected * (1 - expected) / 100_000)


def test_seed_fixes_the_points_and_the_global_rng_is_left_alone():
    before = torch.get_rng_state()
    first, again, other = (sample(seed=seed)[1] for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_batches():
    data = GaussianMixture(labels=True, batch_size=32, num_samples=1000)
    assert (data.shape, data.num_classes) == ((2,), 8)
    data.setup()
    points, labels = next(iter(data.train_dataloader()))
    assert (points - data.centers[labels]).norm(dim=1).max() < 6 * data.sigma
    assert len(data.train_dataloader()) == 31


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "grid", "num_modes": 8}, "square number of modes, got num_modes=8: take 4 or 9"),
        ({"layout": "grid", "num_modes": 9, "radius": 1.0}, "radius has no effect on a grid: set spacing"),
        ({"spacing": 1.0}, "spacing has no effect on a ring: set radius"),
        ({"layout": "line"}, "layout must be 'ring' or 'grid', got 'line'"),
        ({"num_modes": 0}, "num_modes must be at least 1, got 0"),
        ({"sigma": -1.0}, "sigma >= 0"),
        ({"radius": 0.0}, "radius > 0"),
        ({"num_samples": 10}, "num_samples=10 does not fill one batch of batch_size=256"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        GaussianMixture(**options)
