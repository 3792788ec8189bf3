"""An update that does not fit into memory names what to turn."""

from typing import Any

import pytest
import torch
from helpers import make, mlp, points, trainer
from torch import nn

from gan_lightning import R1


class _SecondDerivative(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


class _FirstDerivative(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        return _SecondDerivative.apply(gradients[0])


class Large(nn.Module):
    """Fits into memory, but its second derivative does not."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return _FirstDerivative.apply(x)


class Full(nn.Module):
    """Has no memory left for its n-th pass."""

    def __init__(self, passes: int) -> None:
        super().__init__()
        self.left = passes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.left -= 1
        if self.left == 0:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return x


def notes_of(gan: R1) -> str:
    with pytest.raises(torch.OutOfMemoryError, match="CUDA out of memory") as caught:
        trainer().fit(gan, points(16, 8))
    return "\n".join(caught.value.__notes__)


def test_in_a_penalty_it_names_the_penalty_and_the_knobs() -> None:
    notes = notes_of(make(R1, discriminator=nn.Sequential(mlp(2, 8), Large(), nn.Linear(8, 1)), r1_every=4))
    assert "R1 ran out of memory at iteration 0 on a batch of 16: lower batch_size" in notes
    assert "raise micro_batches_d=1 and micro_batches_g=1" in notes
    assert "for R1 (r1_every=4): second derivatives take the most memory" in notes


def test_between_penalties_it_names_the_batch_only() -> None:
    notes = notes_of(make(R1, discriminator=nn.Sequential(Full(18), mlp(2, 1)), r1_every=50, joint_pass=False))
    assert "lower batch_size" in notes
    assert "r1_every" not in notes
