"""The pages of docs/, as files on a code host and as the site that is built from them."""

import os
import re
import runpy
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import get_args
from urllib.parse import unquote, urlsplit

import foreign_modules
import pytest
from helpers import points

from gan_lightning import __version__
from gan_lightning.health.verdict import Kind

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
API = runpy.run_path(str(DOCS / "api_pages.py"))
GUIDE = (DOCS / "why_did_my_gan_fail.md").read_text()
NEEDED = ("mkdocs", "material", "mkdocstrings_handlers.python")


def test_the_pages_of_the_reference_are_up_to_date() -> None:
    written = API["written"]()
    assert set(written) == set((DOCS / "api").iterdir())
    for path, text in written.items():
        assert path.read_text() == text, f"{path.name}: python docs/api_pages.py writes it anew"


@pytest.mark.parametrize("package", API["packages"]())
def test_everything_exported_is_on_a_page(package: str) -> None:
    shown = "".join(page.read_text() for page in (DOCS / "api").iterdir())
    for name in set(import_module(package).__all__) - {"__version__"}:
        assert re.search(rf"^::: {package}.{name}(\.{name})?$", shown, re.MULTILINE) or f"[`{name}`](" in shown, name


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_links_between_files_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\((?!\w+:|#)([^)#]+)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("snippet", re.findall(r"```python\n(.*?)```", (DOCS / "index.md").read_text(), re.DOTALL))
@pytest.mark.filterwarnings("ignore:.*log_every_n_steps")
def test_the_first_page_runs(snippet: str) -> None:
    names: dict = {"your_gan": foreign_modules.Official(), "your_loader": points()}
    exec(snippet.replace("max_steps=5000", 'max_steps=3, accelerator="cpu"'), names)
    assert "images" not in names or names["images"].shape == (64, 1, 8, 8)


def test_the_guide_has_a_section_for_each_verdict() -> None:
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
    for kind in get_args(Kind):
        section = sections[kind.replace("_", " ").capitalize()]
        assert f"`{kind}`" in section
        for part in ("**It looks like**", "**Cause.**", "**Do", "**Evidence.**"):
            assert part in section, f"{part} of {kind}"


def test_the_guide_counts_what_was_counted() -> None:
    sources = [ROOT / "experiments" / "health" / "README.md", DOCS / "health.md"]
    sources += sorted((ROOT / "gan_lightning" / "health").rglob("*.py"))
    counted = " ".join(" ".join(source.read_text().split()) for source in sources)
    counts = re.findall(r"\b(\d+)(?: of |/)(\d+)\b", " ".join(GUIDE.split()))
    assert len(counts) > 40
    for part, whole in counts:
        assert re.search(rf"\b{part}(/| of ){whole}\b", counted), f"{part} of {whole}"


def test_the_citation_is_of_this_version() -> None:
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [name for name in NEEDED if not find_spec(name.split(".")[0])]
    if missing:
        pytest.skip(f"the site is built with the extra `docs`, of which {', '.join(missing)} is not installed")
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: what is not shown is not counted by --strict.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    without_news = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=without_news, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


class Links(HTMLParser):
    """What a page links to or loads, and the places in it that can be linked to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.places.add(named.get("id") or "")
        (self.links if tag == "a" else self.loads).append(named.get("href") or named.get("src") or "")


def test_the_site_is_whole(site: Path) -> None:
    pages = {page: Links(page) for page in site.rglob("*.html") if page.name != "404.html"}
    assert len(pages) > 30
    for page, found in pages.items():
        for link in found.links + found.loads:
            parts = urlsplit(link)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not parts.scheme:
                assert target.exists(), f"{page.name}: {link}"
                assert not parts.fragment or unquote(parts.fragment) in pages[target].places, f"{page.name}: {link}"
        assert not [load for load in found.loads if urlsplit(load).netloc], f"{page.name} asks another server"


def test_the_site_shows_what_the_reference_names(site: Path) -> None:
    for page in (DOCS / "api").iterdir():
        shown = Links(site / "api" / f"{page.stem}.html").places
        named = set(re.findall(r"^::: (.*)$", page.read_text(), re.MULTILINE))
        assert named <= shown
