"""What samples become: grids, paths, clouds, bars. Each picture says what is in the numbers."""

import math

import numpy as np
import pytest
import torch

from gan_lightning.pictures import (
    draw_density,
    draw_images,
    draw_interpolation,
    draw_modes,
    draw_points,
    draw_truncation,
    spherical,
)
from gan_lightning.pictures.density import extent_of
from gan_lightning.pictures.images import lay_out
from gan_lightning.pictures.style import pixels


def test_images_are_laid_out_in_rows_and_enlarged() -> None:
    ramp = torch.linspace(-1, 1, 4)[:, None, None, None].expand(4, 1, 8, 8)
    picture = lay_out(ramp, columns=2)
    side = picture.shape[0]
    assert picture.shape == (side, side, 3)
    assert side >= 500
    quarters = [picture[y, x, 0] for y in (side // 4, 3 * side // 4) for x in (side // 4, 3 * side // 4)]
    assert quarters == [0, 85, 170, 255]


def test_a_grid_is_drawn_pixel_for_pixel_under_its_title() -> None:
    images = torch.rand(6, 3, 8, 8) * 2 - 1
    grid, picture = lay_out(images, 3), pixels(draw_images(images, 3, "title"))
    height, width = grid.shape[:2]
    np.testing.assert_array_equal(picture[-height:, :width], grid)


def test_what_is_not_finite_or_out_of_range_is_drawn() -> None:
    grid = lay_out(torch.tensor([math.nan, math.inf, -5.0])[:, None, None, None].expand(3, 1, 4, 4), 3)
    middle = grid[grid.shape[0] // 2, grid.shape[1] // 6 :: grid.shape[1] // 3, 0]
    assert middle.tolist() == [128, 255, 0]


def test_titles_count_what_is_not_finite() -> None:
    images, points = torch.zeros(4, 1, 8, 8), torch.zeros(6, 2)
    images[1, 0, 3, 3], points[2, 1] = math.nan, math.inf
    assert draw_images(images, title="now").texts[0].get_text() == "now, 1 of 4 not finite"
    assert draw_points(points).axes[0].get_title(loc="left") == "6 samples, 1 of 6 not finite"
    for figure in (draw_interpolation(points.view(2, 3, 2)), draw_truncation(points.view(2, 3, 2), [0.5, 1])):
        assert figure.axes[0].get_title(loc="left").endswith(", 1 of 6 not finite")
    below = draw_density(torch.randn(9, 2), points, lambda x: x[:, 0]).axes[0].get_xlabel()
    assert below == "6 generated points, 1 of 6 not finite"


def test_a_few_images_make_a_narrow_grid() -> None:
    assert lay_out(torch.zeros(2, 1, 8, 8), columns=8).shape[1] < 600


def test_the_spherical_way_is_that_of_the_formula() -> None:
    start, end, share = torch.randn(5, 7), torch.randn(5, 7), torch.linspace(0, 1, 4)
    found = spherical(start, end, share)
    for a, b, way in zip(start.double(), end.double(), found, strict=True):
        angle = math.acos(float(a @ b / (a.norm() * b.norm())))
        for t, latent in zip(share.double(), way, strict=True):
            slow = (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)
            torch.testing.assert_close(latent.double(), slow, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("factor", [1.0, -1.0])
def test_where_there_is_no_angle_the_way_is_straight(factor: float) -> None:
    start = torch.tensor([[3.0, 4.0]])
    way = spherical(start, factor * start, torch.tensor([0.0, 0.5, 1.0]))
    torch.testing.assert_close(way[0], torch.stack([start[0], (1 + factor) / 2 * start[0], factor * start[0]]))


def test_paths_begin_and_end_at_their_samples() -> None:
    samples = torch.randn(3, 5, 2)
    axes = draw_interpolation(samples).axes[0]
    for line, way in zip(axes.lines, samples, strict=True):
        np.testing.assert_allclose(line.get_xydata(), way.numpy(), rtol=1e-6)


def test_interpolated_images_have_their_shares_above_them() -> None:
    figure = draw_interpolation(torch.zeros(2, 5, 1, 8, 8))
    assert [text.get_text() for text in figure.texts[1:]] == ["0", "0.25", "0.5", "0.75", "1"]


def test_each_level_of_truncation_has_its_name() -> None:
    names = [text.get_text() for text in draw_truncation(torch.zeros(3, 4, 1, 8, 8), [0, 0.5, 1]).texts[1:]]
    assert names == ["psi 0", "psi 0.5", "psi 1"]
    legend = draw_truncation(torch.randn(2, 9, 2), [0.5, 1]).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["psi 1", "psi 0.5"]
    with pytest.raises(ValueError, match="2 levels of samples, but 3 values"):
        draw_truncation(torch.randn(2, 9, 2), [0, 0.5, 1])


def test_the_ground_is_what_the_discriminator_thinks() -> None:
    real, fake = torch.tensor([[1.0, 0.0]] * 8), torch.tensor([[-1.0, 0.0]] * 4 + [[math.nan, 0.0], [99.0, 0.0]])
    extent = (-2.0, 2.0, -2.0, 2.0)
    figure = draw_density(real, fake, lambda x: 7 + 100 * x[:, 0].sign(), extent=extent)
    ground = figure.axes[0].images[0].get_array()
    assert ground[:, :40].max() < 1e-6
    assert ground[:, -40:].min() > 1 - 1e-6
    assert figure.axes[0].get_xlabel() == "6 generated points, 1 of them outside, 1 of 6 not finite"


def test_a_critique_of_another_form_is_refused() -> None:
    points = torch.randn(8, 2)
    with pytest.raises(ValueError, match=r"expected \(9232,\)"):
        draw_density(points, points, lambda x: x)
    with pytest.raises(ValueError, match=r"points in the plane \(N, 2\), got \(8, 3\)"):
        draw_points(torch.zeros(8, 3))


def test_the_extent_is_a_square_with_room_and_never_nothing() -> None:
    left, right, bottom, top = extent_of(torch.tensor([[0.0, 0.0], [2.0, 1.0], [math.nan, 9.0]]))
    assert right - left == pytest.approx(top - bottom)
    assert left < 0 < 2 < right
    assert extent_of(torch.zeros(3, 2)) == (-1, 1, -1, 1)
    assert extent_of(torch.full((3, 2), math.nan)) == (-1, 1, -1, 1)


def test_bars_are_as_high_as_the_shares() -> None:
    centers = torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    samples = torch.cat([torch.zeros(6, 2), centers[1].repeat(3, 1), torch.tensor([[0.4, 0.0]])])
    axes = draw_modes(samples, centers, sigma=0.1).axes[0]
    nearest, valid = ([bar.get_height() for bar in bars] for bars in axes.containers)
    assert nearest == pytest.approx([70, 30, 0])
    assert valid == pytest.approx([60, 30, 0])
    assert axes.get_title(loc="left").startswith("2 of 3 modes, 90 % of 10 samples valid")
    with pytest.raises(ValueError, match=r"got \(4, 3\) and \(3, 2\)"):
        draw_modes(torch.zeros(4, 3), centers, 0.1)
