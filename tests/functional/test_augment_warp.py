"""Warps against flips, quarter turns, slices and a slow loop over pixels; and two derivatives."""

import math

import pytest
import torch

from gan_lightning.functional.augment import (
    blit_map,
    copy_pixels,
    flip_and_shift,
    geometry_map,
    rotate_in_plane,
    translate,
    warp_smoothly,
)
from gan_lightning.functional.augment.affine import followed_by, rotation, shifted
from gan_lightning.functional.augment.wavelets import (
    MARGIN,
    OFFSET,
    SYM2,
    SYM6,
    band_filters,
    band_matrices,
    coarsen_matrix,
    refine_matrix,
    reflect,
)

CPU = torch.device("cpu")
NEVER, ALWAYS = torch.tensor(0.0), torch.tensor(1.0)


def images(n=3, channels=2, height=12, width=12, dtype=torch.float64):
    return torch.randn(n, channels, height, width, dtype=dtype)


def maps(linear, shift=(0.0, 0.0), n=3):
    linear = torch.as_tensor(linear, dtype=torch.float64).expand(n, 2, 2)
    return shifted(linear, torch.tensor(shift, dtype=torch.float64).expand(n, 2))


EYE = [[1.0, 0.0], [0.0, 1.0]]
MIRROR = [[-1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("wavelet", [SYM2, SYM6])
def test_the_wavelets_are_orthonormal_and_have_their_vanishing_moments(wavelet):
    h = torch.tensor(wavelet, dtype=torch.float64)
    taps = len(h)
    for shift in range(0, taps, 2):
        assert float(h[shift:] @ h[: taps - shift]) == pytest.approx(float(shift == 0), abs=1e-9)
    place = torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2
    for power in range(taps // 2):
        assert float((h * (-1) ** torch.arange(taps) * place**power).sum()) == pytest.approx(0, abs=1e-5)


def test_reflection_is_that_of_torch_for_whole_pixels_and_repeats():
    line = torch.arange(5.0)
    padded = torch.nn.functional.pad(line[None], (4, 4), mode="reflect")[0]
    torch.testing.assert_close(reflect(torch.arange(-4.0, 9.0), 5), padded, rtol=0, atol=0)
    assert reflect(torch.tensor([-8.0, 8.0, 13.0]), 5).tolist() == [0.0, 0.0, 3.0]
    assert reflect(torch.tensor([-3.0, 0.0, 0.4]), 1).tolist() == [0.0, 0.0, 0.0]


def test_coarsening_undoes_refining():
    refined = refine_matrix(24, CPU, torch.float64)
    inner = coarsen_matrix(24, CPU, torch.float64)[:, MARGIN:-MARGIN] @ refined
    torch.testing.assert_close(inner[6:-6], torch.eye(24, dtype=torch.float64)[6:-6])
    torch.testing.assert_close(refined.sum(1), torch.ones(48, dtype=torch.float64))  # a flat image stays flat


def test_refining_is_reflection_then_zero_stuffing_then_convolution():
    """And between the borders a straight line stays one."""
    refined = refine_matrix(24, CPU, torch.float64) @ torch.arange(24, dtype=torch.float64)
    expected = torch.arange(48, dtype=torch.float64) / 2 + OFFSET
    torch.testing.assert_close(refined[12:-12], expected[12:-12])
    line = torch.randn(8, dtype=torch.float64)
    stuffed = torch.zeros(2 * 18, dtype=torch.float64)
    stuffed[::2] = torch.nn.functional.pad(line[None], (5, 5), mode="reflect")[0]
    kernel = 2**0.5 * torch.tensor(SYM6, dtype=torch.float64)
    slow = [sum(kernel[n] * stuffed[2 * 5 + k + MARGIN - n] for n in range(12)) for k in range(16)]
    torch.testing.assert_close(refine_matrix(8, CPU, torch.float64) @ line, torch.stack(slow))


def test_copies_are_exactly_torch_flips_turns_and_rolls():
    x = images()
    assert torch.equal(copy_pixels(x, maps(EYE)), x)
    assert torch.equal(copy_pixels(x, maps(MIRROR)), x.flip(3))
    for turns in range(4):
        quarter = maps(rotation(torch.tensor(turns * math.pi / 2, dtype=torch.float64)))
        assert torch.equal(copy_pixels(x, quarter), torch.rot90(x, turns, (2, 3)))
    moved = copy_pixels(x, maps(EYE, (3.0, -2.0)))
    assert torch.equal(moved[..., :-2, 3:], x[..., 2:, :-3])
    assert torch.equal(moved[..., :-2, 0], x[..., 2:, 3])  # the border is mirrored


def test_blitting_of_each_kind_by_its_numbers():
    x = images(2, dtype=torch.float32)

    def blitted(*uniform):
        return copy_pixels(x, blit_map(torch.tensor([uniform] * 2), torch.tensor(0.5), 12, 12))

    assert torch.equal(blitted(0.6, 0.6, 0.6, 0.1, 0.9, 0.9, 0.9), x)  # all gates closed
    assert torch.equal(blitted(0.1, 0.6, 0.6, 0.1, 0.9, 0.9, 0.9), x.flip(3))
    assert torch.equal(blitted(0.1, 0.6, 0.6, 0.9, 0.9, 0.9, 0.9), x)  # half of the flips are none
    assert torch.equal(blitted(0.6, 0.1, 0.6, 0.1, 0.3, 0.9, 0.9), torch.rot90(x, 1, (2, 3)))
    shifted_right = blitted(0.6, 0.6, 0.1, 0.1, 0.3, 0.9, 0.5)  # 0.4 * 0.25 * 12 = 1.2 pixels
    assert torch.equal(shifted_right[..., 1:], x[..., :-1])


def test_smooth_warps_agree_with_exact_ones_inside():
    """The sym6 filter is nearly symmetric, so turned images differ a little; straight ones do not differ at all."""
    x = images(height=16, width=16)
    inner = (..., slice(4, -4), slice(4, -4))
    stay = warp_smoothly(x, maps(EYE))
    torch.testing.assert_close(stay[..., 6:-6, 6:-6], x[..., 6:-6, 6:-6])
    smooth = torch.nn.functional.avg_pool2d(torch.nn.functional.avg_pool2d(x, 5, 1, 2), 3, 1, 1)
    for turns in range(4):
        quarter = maps(rotation(torch.tensor(turns * math.pi / 2, dtype=torch.float64)))
        turned = torch.rot90(smooth, turns, (2, 3))
        torch.testing.assert_close(warp_smoothly(smooth, quarter)[inner], turned[inner], rtol=0, atol=0.05)
    moved = warp_smoothly(x, maps(EYE, (2.0, 1.0)))
    torch.testing.assert_close(moved[..., 7:-7, 7:-7], x[..., 6:-8, 5:-9])


def test_a_smooth_warp_moves_a_smooth_image_as_its_formula_says():
    """A plane wave, turned, scaled and moved in closed form."""
    size, angle, scale, shift = 32, 0.4, 1.2, (1.5, -0.75)
    row, column = torch.meshgrid(*[torch.arange(size, dtype=torch.float64) - (size - 1) / 2] * 2, indexing="ij")
    linear = rotation(torch.tensor(angle, dtype=torch.float64)) / scale
    u, v = column - shift[0], row - shift[1]
    source = (linear[0, 0] * u + linear[0, 1] * v, linear[1, 0] * u + linear[1, 1] * v)

    def wave(column, row):
        return (0.3 * column + 0.2 * row).sin()

    warped = warp_smoothly(wave(column, row)[None, None], maps(linear, shift, n=1))[0, 0]
    torch.testing.assert_close(warped[9:-9, 9:-9], wave(*source)[9:-9, 9:-9], rtol=0, atol=0.01)


def test_maps_compose_in_the_order_of_the_image():
    x = images()
    flip, move = maps(MIRROR), maps(EYE, (1.0, 0.0))
    torch.testing.assert_close(
        copy_pixels(x, followed_by(flip, move)), copy_pixels(copy_pixels(x, flip), move), rtol=0, atol=0
    )


def test_geometry_is_the_product_of_the_papers_matrices():
    uniform = torch.rand(50, 11, dtype=torch.float64)
    uniform[:, :5] = 0.0
    found, moved = geometry_map(uniform, torch.tensor(1.0, dtype=torch.float64), 20, 30)
    assert moved.all()
    for u, source in zip(uniform, found, strict=True):
        gauss = torch.special.ndtri(u)
        scale, aspect = 2 ** (0.2 * gauss[5]), 2 ** (0.2 * gauss[7])
        first, second = (rotation((2 * u[i] - 1) * math.pi).inverse() for i in (6, 8))
        forward = second @ torch.diag(torch.stack([1 / aspect, aspect])) @ first * scale
        shift = gauss[9:] * torch.tensor([30, 20]) / 8
        torch.testing.assert_close(source[:, :2], forward.inverse())
        torch.testing.assert_close(source[:, 2], -forward.inverse() @ shift)


def test_gates_open_as_often_as_they_should():
    uniform, p = torch.rand(20000, 11), torch.tensor(0.3)
    found, moved = geometry_map(uniform, p, 8, 8)
    assert float(moved.float().mean()) == pytest.approx(1 - 0.7**4, abs=0.02)  # two rotations count as one
    turned = (found[:, 0, 1] != 0).float().mean()
    assert float(turned) == pytest.approx(0.3, abs=0.02)
    flat = blit_map(torch.rand(20000, 7), p, 64, 64)
    straight = (flat[:, 0, 0] != 0) & (flat[:, :, 2] == 0).all(1) & (flat[:, 0, 0] == 1) & (flat[:, 1, 1] == 1)
    assert float(straight.float().mean()) == pytest.approx(0.85 * (1 - 0.3 * 0.75) * (0.7 + 0.3 / 17**2), abs=0.02)
    assert not geometry_map(uniform, NEVER, 8, 8)[1].any()


@pytest.mark.parametrize("warp", [warp_smoothly, copy_pixels])
def test_two_derivatives_are_exact(warp):
    source = maps(rotation(torch.tensor(0.5, dtype=torch.float64)), (0.7, 1.1), n=2)
    x = images(2, 1, 5, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: warp(x, source), x)
    assert torch.autograd.gradgradcheck(lambda x: warp(x, source).square(), x)


def test_a_gradient_penalty_trains_through_the_warp():
    """Input gradient of ``w . warp(x)`` is the warp's adjoint at w: its squared norm has a gradient by w."""
    source = maps(rotation(torch.tensor(0.5, dtype=torch.float64)), n=2)
    x, w = images(2, 1, 6, 6).requires_grad_(), images(2, 1, 6, 6).requires_grad_()

    def penalty(w):
        (gradient,) = torch.autograd.grad((w * warp_smoothly(x, source)).sum(), x, create_graph=True)
        return gradient.square().sum()

    assert torch.autograd.gradcheck(penalty, w)


def test_bands_sum_to_the_identity_and_pass_their_frequencies():
    bands = band_filters()
    delta = torch.zeros(43, dtype=torch.float64)
    delta[21] = 1
    torch.testing.assert_close(bands.sum(0), delta)
    torch.testing.assert_close(band_matrices(9, CPU, torch.float64).sum(0), torch.eye(9, dtype=torch.float64))
    place = torch.arange(43, dtype=torch.float64) - 21
    for band, frequency in enumerate([0.0, 3 / 16, 3 / 8, 1.0]):
        gains = bands @ (math.pi * frequency * place).cos()
        assert int(gains.argmax()) == band
        assert float(gains[band]) > 0.6
    flat = bands.sum(1)
    torch.testing.assert_close(flat, torch.tensor([1.0, 0, 0, 0], dtype=torch.float64), rtol=0, atol=1e-8)


def test_band_matrices_are_convolutions_of_the_reflected_line():
    line, bands = torch.randn(30, dtype=torch.float64), band_filters()
    padded = torch.nn.functional.pad(line[None], (21, 21), mode="reflect")
    slow = torch.nn.functional.conv1d(padded[None], bands[:, None].flip(2))[0]
    torch.testing.assert_close(band_matrices(30, CPU, torch.float64) @ line, slow)


def test_translation_shifts_and_fills_with_zeros():
    x = images(1, 1, 16, 8, torch.float32)
    assert torch.equal(translate(x, torch.tensor([[0.5, 0.5]])), x)
    moved = translate(x, torch.tensor([[0.0, 0.99]]))  # 1 pixel to the left, 2 down
    slow = torch.zeros_like(x)
    slow[..., 2:, :-1] = x[..., :-2, 1:]
    assert torch.equal(moved, slow)


def test_flip_and_shift_takes_all_places_alike():
    x = torch.zeros(4000, 1, 1, 21)
    x[..., 8] = 1.0  # two from the middle
    place = flip_and_shift(x, torch.rand(4000, 3))[:, 0, 0].argmax(1)
    counts = place.bincount(minlength=21).float() / 4000
    expected = torch.zeros(21)
    expected[4:13] += 1 / 18
    expected[8:17] += 1 / 18
    torch.testing.assert_close(counts, expected, rtol=0, atol=0.03)


def test_rotation_in_a_plane_is_orthogonal_and_turns_by_its_angle():
    x = torch.randn(6, 5, dtype=torch.float64)
    directions, angle = torch.randn(6, 2, 5, dtype=torch.float64), torch.linspace(0, 3, 6, dtype=torch.float64)
    turned = rotate_in_plane(x, directions, angle)
    torch.testing.assert_close(turned.norm(dim=1), x.norm(dim=1))
    assert torch.equal(turned[0], x[0])
    for i in range(6):  # within the plane the angle is the given one, outside nothing moves
        basis = torch.linalg.qr(directions[i].T)[0]
        before, after = x[i] @ basis, turned[i] @ basis
        cosine = before @ after / before.norm() / after.norm()
        torch.testing.assert_close(cosine, angle[i].cos())
        torch.testing.assert_close(turned[i] - basis @ after, x[i] - basis @ before)
    one = torch.randn(6, 1)
    assert rotate_in_plane(one, torch.randn(6, 2, 1), torch.rand(6)) is one
