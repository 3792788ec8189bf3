"""A mean over all processes through which gradients flow."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def mean_over_ranks(x: Tensor) -> Tensor:
    """Return the mean of ``x`` over all ranks; ``x`` itself if there is one process.

    The gradient is averaged over the ranks as well. Each rank's loss depends on every rank's ``x`` through this mean,
    and the players' gradients are averaged over the ranks afterwards. With L = 1/W sum_r L_r, rank s therefore has to
    send back W dL/dx_s = 1/W sum_r dL_r/dmean, which is the mean of the incoming gradients: W ranks with batch n then
    equal one process with batch W n. The local gradient alone would drop what the other ranks' losses owe to ``x``.

    Args:
        x: any shape, the same on all ranks. If it is a mean over the batch, all ranks need batches of one size.

    Example:
        >>> mean_over_ranks(torch.tensor([1.0, 3.0]))
        tensor([1., 3.])
    """
    if not dist.is_available() or not dist.is_initialized() or dist.get_world_size() == 1:
        return x
    mean: Tensor = _MeanOverRanks.apply(x)
    return mean


class _MeanOverRanks(torch.autograd.Function):
    """Linear and its own adjoint, so backward applies it again; that makes it differentiable any number of times."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total / dist.get_world_size()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        mean: Tensor = _MeanOverRanks.apply(gradients[0])
        return mean
