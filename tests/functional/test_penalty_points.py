"""Points between and around samples against loops over single values."""

import statistics

import pytest
import torch

from gan_lightning.functional import points_around, points_between


def test_each_pair_has_one_share_for_all_its_pixels():
    real, fake = torch.randn(4, 3, 2, 2, dtype=torch.float64), torch.randn(4, 3, 2, 2, dtype=torch.float64)
    share = torch.rand(4, dtype=torch.float64)
    points = points_between(real, fake, share)
    for i in range(4):
        e = share[i].item()
        for c, h, w in torch.cartesian_prod(torch.arange(3), torch.arange(2), torch.arange(2)).tolist():
            slow = e * real[i, c, h, w].item() + (1 - e) * fake[i, c, h, w].item()
            assert points[i, c, h, w].item() == pytest.approx(slow, rel=1e-12)


@pytest.mark.parametrize("shape", [(3, 2), (4, 3)])
def test_samples_of_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(4, 2\).*generate as many samples"):
        points_between(torch.zeros(4, 2), torch.zeros(shape), torch.zeros(4))


def test_half_precision_fakes_are_widened():
    points = points_between(torch.ones(2, 3), torch.zeros(2, 3, dtype=torch.bfloat16), torch.tensor([0.0, 0.3]))
    assert points.dtype == torch.float32
    torch.testing.assert_close(points.detach(), torch.tensor([[0.0] * 3, [0.3] * 3]))


def test_points_are_leaves_and_samples_stay_as_they_are():
    real = torch.randn(3, 2, requires_grad=True)
    fake = torch.randn(3, 2)
    between, around = points_between(real * 1, fake, torch.rand(3)), points_around(real * 1, fake, 0.5)
    for points in (between, around):
        assert points.is_leaf
        assert points.requires_grad
    assert not fake.requires_grad


def test_noise_is_scaled_by_the_spread_of_all_values():
    x = 3 + 2 * torch.randn(6, 2, 2, dtype=torch.float64)
    noise = torch.randn(6, 2, 2, dtype=torch.float64)
    spread = statistics.pstdev(x.flatten().tolist())
    added = points_around(x, noise, scale=0.7).detach() - x
    torch.testing.assert_close(added, 0.7 * spread * noise)


def test_equal_samples_get_no_noise():
    x = torch.full((4, 2), 3.0)
    assert torch.equal(points_around(x, torch.randn(4, 2), scale=1.0).detach(), x)
