"""Colour, bands, noise and holes against direct formulas; the published set as a whole."""

import itertools
import math

import pytest
import torch

from gan_lightning.functional.augment import (
    CATEGORIES,
    add_noise,
    augment_images,
    augment_vectors,
    change_color,
    cut_half,
    cut_square,
    filter_bands,
    jitter_color,
    translate,
)
from gan_lightning.functional.augment.corruption import EXPECTED_POWER, band_gains
from gan_lightning.functional.augment.normal import lognormal, normal

NEVER, ALWAYS = torch.tensor(0.0), torch.tensor(1.0)
ALL = list(CATEGORIES)
COUNT = sum(CATEGORIES.values())


def images(n=4, channels=3, height=8, width=8, dtype=torch.float64):
    return torch.randn(n, channels, height, width, dtype=dtype)


def test_normal_numbers_are_normal_and_never_infinite():
    numbers = normal(torch.rand(100000))
    assert float(numbers.mean()) == pytest.approx(0, abs=0.02)
    assert float(numbers.std()) == pytest.approx(1, abs=0.02)
    assert float(numbers.square().square().mean()) == pytest.approx(3, abs=0.15)
    assert normal(torch.tensor([0.0, 1.0])).isfinite().all()
    assert float(lognormal(torch.tensor(0.8413447), 0.5)) == pytest.approx(2**0.5, rel=1e-4)


def test_color_is_the_product_of_the_papers_matrices():
    """In homogeneous colours: saturation, hue, luma flip, contrast, brightness, one after the other."""
    x = images(30)
    uniform = torch.rand(30, 10, dtype=torch.float64)
    p = torch.tensor(0.7, dtype=torch.float64)
    found = change_color(x, uniform, p)
    eye, axis = torch.eye(4, dtype=torch.float64), torch.tensor([1, 1, 1, 0], dtype=torch.float64) / math.sqrt(3)
    cross = torch.zeros(4, 4, dtype=torch.float64)
    cross[0, 1] = cross[1, 2] = cross[2, 0] = -1 / math.sqrt(3)
    cross -= cross.T.clone()
    colour = torch.diag(torch.tensor([1, 1, 1, 0], dtype=torch.float64))
    for i in range(30):
        on, value, matrix = uniform[i, :5] < 0.7, uniform[i, 5:], eye
        gauss = torch.special.ndtri(value)
        if on[0]:
            brighter = eye.clone()
            brighter[:3, 3] = 0.2 * gauss[0]
            matrix = brighter @ matrix
        if on[1]:
            matrix = torch.diag(torch.tensor([2 ** (0.5 * gauss[1])] * 3 + [1])).double() @ matrix
        if on[2] and value[2] < 0.5:
            matrix = (eye - 2 * axis.outer(axis)) @ matrix
        if on[3]:
            angle = (2 * value[3] - 1) * math.pi
            matrix = torch.linalg.matrix_exp(angle * cross) @ matrix
        if on[4]:
            rest = colour - axis.outer(axis)
            matrix = (eye - rest + 2 ** gauss[4] * rest) @ matrix
        homogeneous = torch.cat([x[i].flatten(1), torch.ones(1, 64, dtype=torch.float64)])
        torch.testing.assert_close(found[i].flatten(1), (matrix @ homogeneous)[:3])


def test_grey_images_have_no_hue_and_no_saturation():
    x = images(channels=1)
    only = torch.full((4, 10), 0.9, dtype=torch.float64)
    only[:, 3:5] = 0.0
    assert torch.equal(change_color(x, only, torch.tensor(0.5)), x)
    only[:, 2], only[:, 7] = 0.0, 0.2
    assert torch.equal(change_color(x, only, torch.tensor(0.5)), -x)


def test_other_channels_have_no_colour():
    with pytest.raises(ValueError, match=r"1 or 3 channels, got 4.*policy"):
        change_color(images(channels=4), torch.rand(4, 10, dtype=torch.float64), ALWAYS)


def test_band_gains_keep_the_expected_power():
    factor = torch.exp(torch.randn(20, 4, dtype=torch.float64))
    power = torch.tensor(EXPECTED_POWER, dtype=torch.float64)
    slow = []
    for row in factor:
        gain = torch.ones(4, dtype=torch.float64)
        for band in range(4):
            turn = torch.ones(4, dtype=torch.float64)
            turn[band] = row[band]
            gain = gain * turn / (power * turn**2).sum().sqrt()
        slow.append(gain)
    torch.testing.assert_close(band_gains(factor), torch.stack(slow))
    alone = torch.ones(1, 4, dtype=torch.float64)
    alone[0, 2] = 3.0
    assert float((power * band_gains(alone)[0] ** 2).sum()) == pytest.approx(1.0)


def test_an_amplified_lowest_band_scales_a_flat_image():
    x = torch.ones(1, 1, 8, 8, dtype=torch.float64)
    uniform = torch.tensor([[0.0, 0.9, 0.9, 0.9, 0.8413447460685429, 0.5, 0.5, 0.5]], dtype=torch.float64)
    gain = 2 / math.sqrt((10 * 4 + 3) / 13)
    torch.testing.assert_close(filter_bands(x, uniform, torch.tensor(0.5)), gain**2 * x)


def test_noise_has_a_half_normal_deviation():
    x = torch.zeros(20000, 4)
    noisy = add_noise(x, torch.rand(20000, 2), torch.randn(20000, 4), torch.tensor(0.5))
    assert float((noisy == 0).all(1).float().mean()) == pytest.approx(0.5, abs=0.02)
    assert float(noisy.square().mean()) == pytest.approx(0.5 * 0.01, rel=0.05)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 6)])
def test_holes_are_half_as_wide_as_the_image_and_zero(height, width):
    x = torch.rand(200, 2, height, width) + 1
    uniform = torch.rand(200, 3)
    cut = cut_square(x, uniform, torch.tensor(0.6))
    for i, j, k in itertools.product(range(200), range(height), range(width)):
        inside = abs((k + 0.5) / width - uniform[i, 1]) < 0.25 and abs((j + 0.5) / height - uniform[i, 2]) < 0.25
        gone = bool(inside and uniform[i, 0] < 0.6)
        assert torch.equal(cut[i, :, j, k], x[i, :, j, k] * (not gone))


def test_diff_augments_colour_is_its_formula():
    x, uniform = images(), torch.rand(4, 3, dtype=torch.float64)
    found = jitter_color(x, uniform)
    for i in range(4):
        y = x[i] + uniform[i, 0] - 0.5
        y = (y - y.mean(0)) * 2 * uniform[i, 1] + y.mean(0)
        y = (y - y.mean()) * (uniform[i, 2] + 0.5) + y.mean()
        torch.testing.assert_close(found[i], y)


@pytest.mark.parametrize(("size", "places"), [(6, 6), (7, 8), (8, 9)])
def test_diff_augments_hole_is_as_wide_as_it_says_and_lies_anywhere(size, places):
    x = torch.ones(places, 1, size, size)
    uniform = torch.full((places, 2), 0.5)
    uniform[:, 0] = (torch.arange(places) + 0.5) / places
    length = int(size / 2 + 0.5)
    middle = cut_half(x, uniform)[:, 0, size // 2]
    for place in range(places):
        start = place - length // 2
        expected = [0.0 if start <= k < start + length else 1.0 for k in range(size)]
        assert middle[place].tolist() == expected


@pytest.mark.parametrize("channels", [1, 3])
def test_nothing_happens_at_probability_zero_bit_for_bit(channels):
    x = images(channels=channels, dtype=torch.float32)
    assert torch.equal(augment_images(x, NEVER, torch.rand(4, COUNT), ALL, torch.randn_like(x)), x)
    vectors = torch.randn(4, 5)
    same = augment_vectors(vectors, NEVER, torch.rand(4, 4), torch.randn(4, 2, 5), torch.randn(4, 5))
    assert torch.equal(same, vectors)


@pytest.mark.parametrize("name", ALL)
def test_each_category_changes_most_images_at_probability_one(name):
    x = images(50, dtype=torch.float32)
    changed = augment_images(x, ALWAYS, torch.rand(50, CATEGORIES[name]), [name], torch.randn_like(x))
    assert changed.shape == x.shape
    assert changed.isfinite().all()
    assert float((changed != x).flatten(1).any(1).float().mean()) > 0.8


def test_categories_are_applied_in_the_papers_order_whatever_the_policys():
    x, uniform = images(dtype=torch.float32), torch.rand(4, COUNT)
    noise = torch.randn_like(x)
    assert torch.equal(
        augment_images(x, ALWAYS, uniform, ALL, noise), augment_images(x, ALWAYS, uniform, ALL[::-1], noise)
    )


def test_blitted_images_keep_their_pixels_where_geometry_is_closed():
    x, uniform = images(dtype=torch.float32), torch.rand(4, 18)
    uniform[:, 7:12] = 0.9
    both = augment_images(x, torch.tensor(0.5), uniform, ["blit", "geometry"])
    assert torch.equal(both, augment_images(x, torch.tensor(0.5), uniform[:, :7], ["blit"]))


def test_the_whole_set_has_two_exact_derivatives():
    x = images(2, 3, 4, 4).requires_grad_()
    uniform, noise = torch.rand(2, COUNT, dtype=torch.float64), images(2, 3, 4, 4)
    p = torch.ones((), dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: augment_images(x, p, uniform, ALL, noise), x)
    assert torch.autograd.gradgradcheck(lambda x: augment_images(x, p, uniform, ALL, noise).square(), x)


def test_diff_augment_has_two_exact_derivatives():
    x = images(2, 3, 4, 4).requires_grad_()
    uniform = torch.rand(2, 7, dtype=torch.float64)

    def change(x):
        return cut_half(translate(jitter_color(x, uniform[:, :3]), uniform[:, 3:5]), uniform[:, 5:])

    assert torch.autograd.gradcheck(change, x)
    assert torch.autograd.gradgradcheck(lambda x: change(x).square(), x)


def test_what_is_missing_is_named():
    x = images(dtype=torch.float32)
    with pytest.raises(ValueError, match=r"takes 7 uniform numbers, got 8"):
        augment_images(x, ALWAYS, torch.rand(4, 8), ["blit"])
    with pytest.raises(ValueError, match="pass standard normal numbers"):
        augment_images(x, ALWAYS, torch.rand(4, 2), ["noise"])
