"""The page in a browser: whole without a network, drawn, and usable by keyboard, on a phone and in the dark."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from reported_runs import COLLAPSE, whole

from gan_lightning.report import write_report

pytest.importorskip("plotly", reason="plotly is not installed: pip install 'gan-lightning[report]'")
playwright: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run"
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium")


class Opened:
    """A page in a browser, with what it asked for and complained of."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab = context.new_page()
        context.on("request", lambda request: self.asked.append(request.url))
        context.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(file.resolve().as_uri())

    def see_all(self) -> None:
        """Scroll until every chart is drawn, also those behind a click."""
        self.tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        for chart in self.tab.locator(".chart").all():
            chart.scroll_into_view_if_needed()
            chart.locator(".main-svg").first.wait_for()

    def ask(self, expression: str) -> Any:
        return self.tab.evaluate(expression)

    def wait_until(self, expression: str) -> None:
        """Ask again and again; the page's own policy forbids playwright's way of waiting."""
        for _ in range(200):
            if self.ask(expression):
                return
            self.tab.wait_for_timeout(25)
        raise AssertionError(f"never true: {expression}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=["one", "two"])
def opened(request: pytest.FixtureRequest, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("runs")
    runs = [whole(folder / "a", COLLAPSE, over=900), whole(folder / "b", lr=0.5)]
    file = write_report(runs[:1] if request.param == "one" else runs, folder / f"{request.param}.html")
    found = Opened(browser, file, color_scheme="light")
    found.see_all()
    return found


def test_no_request_leaves_the_page(opened: Opened) -> None:
    asked = [url for url in opened.asked if not url.startswith(("data:", "blob:"))]
    assert [url.partition(":")[0] for url in asked] == ["file"]
    assert opened.complaints == []


def test_curves_and_events_are_drawn(opened: Opened) -> None:
    charts = opened.ask("document.querySelectorAll('.chart').length")
    assert opened.ask("[...document.querySelectorAll('.chart')].filter((each) => each._fullLayout).length") == charts
    losses = "[...document.querySelectorAll('.panel')].find((each) => each.innerText.startsWith('Losses'))"
    assert opened.ask(f"{losses}.querySelectorAll('.scatterlayer .trace').length") == 2
    layout = opened.ask(f"{losses}.querySelector('.chart').layout")
    numbers = [label["text"].lstrip("A") for label in layout["annotations"]]
    assert numbers == ["1", "2"]
    assert [shape["type"] for shape in layout["shapes"]] == ["rect", "line", "line"]


def test_zooming_one_chart_zooms_all(opened: Opened) -> None:
    opened.ask("Plotly.relayout('chart-0', {'xaxis.range[0]': 100, 'xaxis.range[1]': 300}).then(() => true)")
    opened.wait_until("document.getElementById('chart-1').layout.xaxis.range[1] === 300")


def test_the_slider_goes_by_keyboard(opened: Opened) -> None:
    slider, picture = opened.tab.get_by_role("slider"), opened.tab.locator(".reel img").first
    last = picture.get_attribute("src")
    slider.focus()
    opened.tab.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext") == "iteration 100"
    assert picture.get_attribute("alt").endswith("at iteration 100")
    assert picture.get_attribute("src") != last
    opened.tab.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "iteration 200"
    opened.tab.get_by_role("button", name="Play").press("Enter")
    opened.wait_until("document.querySelector('input[type=range]').value === '3'")


def test_it_is_labelled(opened: Opened) -> None:
    assert opened.ask("document.documentElement.lang") == "en"
    levels = opened.ask("[...document.querySelectorAll('h1,h2,h3,h4')].map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert opened.ask("[...document.images].every((each) => each.alt)")
    assert opened.ask("[...document.querySelectorAll('.chart')].every((each) => each.ariaLabel)")
    assert opened.ask("[...document.querySelectorAll('input')].every((each) => each.labels.length)")
    ids = opened.ask("[...document.querySelectorAll('main [id]')].map((each) => each.id)")
    links = opened.ask("[...document.querySelectorAll('nav a')].map((each) => each.hash.slice(1))")
    assert links
    assert set(links) <= set(ids)


def test_a_phone_needs_no_scrolling_sideways(opened: Opened) -> None:
    opened.tab.set_viewport_size({"width": 390, "height": 844})
    opened.wait_until("document.documentElement.scrollWidth === 390")


def test_the_dark_scheme_reaches_page_and_charts(opened: Opened) -> None:
    seen = "[getComputedStyle(document.body).backgroundColor, document.getElementById('chart-0').layout.font.color]"
    light = opened.ask(seen)
    opened.tab.emulate_media(color_scheme="dark")
    opened.wait_until(f"{seen}[1] !== '{light[1]}'")
    assert opened.ask(seen)[0] != light[0]
