"""What every test and every docstring's example starts from: the same random numbers, and a folder of its own."""

from pathlib import Path

import pytest
import torch


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Seed torch, so that an example which draws weights prints the same each time."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a run leaves in the working folder out of the checkout."""
    monkeypatch.chdir(tmp_path)
