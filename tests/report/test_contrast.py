"""Colours that can be read, by WCAG 2.2: 4.5 to 1 for text, 3 to 1 for curves and marks, in both schemes."""

import re
from importlib.resources import files

import pytest

CSS = files("gan_lightning.report").joinpath("page.css").read_text()
TEXT = [
    *((ink, paper) for ink in ("text", "muted", "accent") for paper in ("page", "surface")),
    *((status, f"{status}-tint") for status in ("healthy", "warning", "failing", "accent")),
    ("text", "tint"),
    ("muted", "warning-tint"),
    ("text", "warning-tint"),
    *((f"s{i}", "surface") for i in range(6)),
]
MARKS = [*((mark, paper) for mark in ("failing", "warning", "accent") for paper in ("surface", "tint"))]


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.+?)\}", CSS, re.DOTALL)
    read = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return {"light": read[0], "dark": read[0] | read[1]}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_known_ratios() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (MARKS, 3.0)], ids=["text", "marks"])
def test_contrast(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    colours = schemes()[scheme]
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < least} == {}


def test_both_schemes_name_the_same_colours() -> None:
    light, dark = re.findall(r":root \{(.+?)\}", CSS, re.DOTALL)
    names = [set(re.findall(r"--([\w-]+):", part)) for part in (light, dark)]
    assert names[0] == names[1]
