"""Readable on any page, whatever its theme and the reader's eyes; and pyplot is left alone."""

import subprocess
import sys

import pytest

from gan_lightning.pictures import style

PAGES = {"light": "#ffffff", "dark": "#0d1117"}


def luminance(color: str) -> float:
    """By WCAG 2.2, "relative luminance"."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [style.GROUND, style.PLOT])
def test_text_and_marks_stand_out_from_the_ground(ground: str) -> None:
    assert contrast(style.INK, ground) >= 7
    for color in (style.REAL, style.FAKE, style.D, style.WARNING, style.FAILURE, style.REMEDY, style.FAINT):
        assert contrast(color, ground) >= 3, color


def test_the_picture_stands_out_from_a_page_of_either_theme_without_glare() -> None:
    assert contrast(style.GROUND, PAGES["dark"]) >= 3
    assert 1.15 <= contrast(style.GROUND, PAGES["light"]) < 2


def test_a_picture_has_the_size_that_was_asked_for_and_a_ground_of_its_own() -> None:
    picture = style.pixels(style.new_figure(300, 200))
    assert picture.shape == (200, 300, 3)
    assert (picture == [int(style.GROUND[place : place + 2], 16) for place in (1, 3, 5)]).all()


def test_notebooks_are_given_png() -> None:
    assert style.new_figure(30, 20)._repr_png_().startswith(b"\x89PNG")


def test_matplotlib_is_loaded_by_the_first_picture_and_pyplot_never() -> None:
    code = (
        "import sys, gan_lightning.pictures as p, torch; before = 'matplotlib' in sys.modules\n"
        "p.draw_points(torch.zeros(2, 2)); print(before, 'matplotlib.pyplot' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split()[-2:] == ["False", "False"]
