"""What an import loads, asked in a fresh interpreter."""

import subprocess
import sys

import pytest

OPTIONAL = ("wandb", "torchvision", "matplotlib", "sklearn", "torch_fidelity")


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return set(output.split())


def test_the_package_loads_nothing_heavy() -> None:
    assert not {"torch", "lightning", *OPTIONAL} & loaded_by("import gan_lightning")


@pytest.mark.parametrize("module", ["functional", "layers", "losses", "networks"])
def test_these_load_torch_but_not_lightning(module: str) -> None:
    modules = loaded_by(f"import gan_lightning.{module}")
    assert not {"lightning", *OPTIONAL} & modules


def test_the_whole_package_adds_nothing_optional_to_what_lightning_loads() -> None:
    everything = "import gan_lightning.cli, gan_lightning.data, gan_lightning.networks"
    by_lightning = loaded_by("import lightning.pytorch.cli")
    assert not set(OPTIONAL) & (loaded_by(everything) - by_lightning)


def test_every_public_name_resolves() -> None:
    import gan_lightning

    for name in gan_lightning.__all__:
        assert getattr(gan_lightning, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = gan_lightning.Nothing
