"""What every test and every docstring's example starts from: the same random numbers."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Seed torch, so that an example which draws weights prints the same each time."""
    torch.manual_seed(0)
