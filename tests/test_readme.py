"""What the README shows, runs."""

import re
from pathlib import Path

import foreign_modules
import pytest
import torch
from helpers import points

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
@pytest.mark.filterwarnings("ignore:.*tensorboardX", "ignore:.*log_every_n_steps")
def test_python_snippets_run(snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    names: dict = {"your_gan": foreign_modules.Official(), "your_loader": points()}
    exec(snippet.replace("max_steps=5000", 'max_steps=3, accelerator="cpu"'), names)
    if "samples" in names:
        assert names["samples"].shape == (1000, 2)


def test_everything_named_is_there() -> None:
    import gan_lightning.callbacks as callbacks
    from gan_lightning import data, gans, losses, metrics, mixins

    table = README[README.index("## What is there") :]
    parts = {"EpochLoader", "EpochOrder", "ImageLoader", "InMemory", "TensorLoader"}
    for home in (mixins, gans, data, callbacks, metrics):
        for name in home.__all__:
            if name[0].isupper() and name not in parts:
                assert f"`{name}`" in table, name
    for loss in losses.__all__:
        if loss[0].isupper() and loss not in ("AdversarialLoss", "Target"):
            assert f"`{loss}`" in table, loss


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)h][^)]*)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_page_of_techniques_names_all_of_them() -> None:
    from gan_lightning import layers, mixins

    page = (ROOT / "docs" / "techniques.md").read_text()
    for name in mixins.__all__:
        assert f"`{name}`" in page, name
    for name in set(layers.__all__) - {"ClassSum", "Referenced"}:
        assert name.replace("1d", "").replace("2d", "") in page, name
