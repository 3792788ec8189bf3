"""All tests of this folder need a GPU. None of them has been run on one yet: see the README of experiments/speed."""

import warnings
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def _needs_a_gpu() -> Iterator[None]:
    """Skip where there is no GPU, and compute float32 in float32: by default, cuDNN rounds convolutions to TF32."""
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA GPU")
    before = torch.backends.cudnn.allow_tf32
    _allow_tf32(False)
    yield
    _allow_tf32(before)


def _allow_tf32(allowed: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch has another name for it from 2.9 on
        torch.backends.cudnn.allow_tf32 = allowed
