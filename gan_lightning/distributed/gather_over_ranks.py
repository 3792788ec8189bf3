"""The rows of all processes, through which gradients flow."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def gather_over_ranks(x: Tensor) -> Tensor:
    """Return the rows of all ranks, (n, ...) -> (W n, ...) in the order of the ranks; ``x`` itself for one process.

    Each rank's loss L_r depends on the rows x_s of every rank, and the players' gradients are averaged over the ranks
    afterwards. With L = 1/W sum_r L_r, rank s therefore has to send back W dL/dx_s = sum_r dL_r/dx_s: the incoming
    gradients are summed over the ranks, and each keeps its own rows. W ranks with batch n then equal one process with
    batch W n, whether the ranks' losses are the same or each that of its own rows. The result can be differentiated
    any number of times.

    Args:
        x: (n, ...), the same shape on all ranks.

    Raises:
        ValueError: if ``x`` has no rows to gather (a scalar).

    Example:
        >>> gather_over_ranks(torch.tensor([[1.0], [3.0]]))
        tensor([[1.],
                [3.]])
    """
    if x.ndim == 0:
        raise ValueError("gather_over_ranks got a scalar, expected (n, ...): give it a row, as in x.view(1)")
    if not dist.is_available() or not dist.is_initialized() or dist.get_world_size() == 1:
        return x
    rows: Tensor = _gather(x)
    return rows


@torch.compiler.disable  # type: ignore[untyped-decorator]  # a compiled discriminator stops for it and goes on
def _gather(x: Tensor) -> Tensor:
    rows: Tensor = _Gather.apply(x)
    return rows


class _Gather(torch.autograd.Function):
    """All rows on all ranks. Its adjoint is ``_SumOfOwnRows``, and the other way round."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        rows = x.new_empty((len(x) * dist.get_world_size(), *x.shape[1:]))
        dist.all_gather_into_tensor(rows, x.contiguous())
        return rows

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        own: Tensor = _SumOfOwnRows.apply(gradients[0])
        return own


class _SumOfOwnRows(torch.autograd.Function):
    """This rank's rows of the sum over ranks. An all-reduce, because gloo scatters no sums."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        total = rows.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        n = len(rows) // dist.get_world_size()
        return total[dist.get_rank() * n : (dist.get_rank() + 1) * n].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        rows: Tensor = _Gather.apply(gradients[0])
        return rows
