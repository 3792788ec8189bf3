"""What the README and the other pages show, runs."""

import re
from inspect import isabstract, isclass
from pathlib import Path
from types import ModuleType
from typing import get_args

import foreign_modules
import pytest
import torch
from health_windows import window
from helpers import points

from gan_lightning import HealthMonitor
from gan_lightning.health.events import FILE, EventFile

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = {
    page: (ROOT / page).read_text() for page in ("README.md", "CONTRIBUTING.md", "docs/health.md", "docs/evaluation.md")
}
SNIPPETS = {
    f"{page}-{number}": snippet
    for page, text in PAGES.items()
    for number, snippet in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
}


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
@pytest.mark.filterwarnings("ignore:.*tensorboardX", "ignore:.*log_every_n_steps")
def test_python_snippets_run(snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    (tmp_path / "your_run").mkdir()
    EventFile(tmp_path / "your_run" / FILE, "HealthMonitor").write(
        "check", 100, values={"bins/tv": 0.2, "d/score": 0.5, "g/score": 0.5}
    )
    names: dict = {"your_gan": foreign_modules.Official(), "your_loader": points()}
    exec(snippet.replace("max_steps=5000", 'max_steps=3, accelerator="cpu"'), names)
    if "samples" in names:
        assert names["samples"].shape == (1000, 2)


def test_everything_named_is_there() -> None:
    import gan_lightning.callbacks as callbacks
    from gan_lightning import data, gans, health, losses, metrics, mixins

    table = README[README.index("## What is there") :]
    parts = {"EpochLoader", "EpochOrder", "ImageLoader", "InMemory", "TensorLoader"}
    for home in (mixins, gans, data, callbacks, metrics):
        for name in home.__all__:
            if name[0].isupper() and name not in parts:
                assert f"`{name}`" in table, name
    for name in _of_kind(health, HealthMonitor):
        assert f"`{name}`" in table, name
    for loss in losses.__all__:
        if loss[0].isupper() and loss not in ("AdversarialLoss", "Target"):
            assert f"`{loss}`" in table, loss


NAMED_IN_HEALTH = set(re.findall(r"`(\w+)`", PAGES["docs/health.md"]))
LINKS = [
    (page, link)
    for page in (*PAGES, "docs/techniques.md", "docs/report.md")
    for link in re.findall(r"\]\((?!http)([^)]+)\)", (ROOT / page).read_text())
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_links_lead_somewhere(page: str, link: str) -> None:
    assert ((ROOT / page).parent / link).exists()


def test_the_page_of_techniques_names_all_of_them() -> None:
    from gan_lightning import layers, mixins

    page = (ROOT / "docs" / "techniques.md").read_text()
    for name in mixins.__all__:
        assert f"`{name}`" in page, name
    for name in set(layers.__all__) - {"ClassSum", "Referenced"}:
        assert name.replace("1d", "").replace("2d", "") in page, name


def test_the_page_of_health_names_all_of_it() -> None:
    from gan_lightning import health
    from gan_lightning.health import Detector, detectors, remedies
    from gan_lightning.health.remedies import Remedy
    from gan_lightning.health.verdict import Kind

    there = [*_of_kind(health, HealthMonitor), *_of_kind(detectors, Detector), *_of_kind(remedies, Remedy)]
    assert len(there) > 30
    for name in (*there, *get_args(Kind)):
        assert name in NAMED_IN_HEALTH, name


def test_the_page_of_health_names_only_what_is_logged() -> None:
    from gan_lightning.health.detectors import default_detectors

    names = set(re.findall(r"`((?:bins|fakes|reals|classes|d|g)/\w+)`", PAGES["docs/health.md"]))
    measured = {name for detector in default_detectors() for name in detector.measure(window())}
    assert len(names) > 15
    assert names <= measured


def _of_kind(home: ModuleType, base: type) -> list[str]:
    """Return the names of the exported classes that are one, and that one can make."""
    classes = {name: it for name in home.__all__ if isclass(it := getattr(home, name))}
    return [name for name, it in classes.items() if issubclass(it, base) and not isabstract(it)]
