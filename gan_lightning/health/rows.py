"""The rows of all ranks, of which each may have another number."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def joined_rows(own: Mapping[str, Tensor], ranks: int, device: torch.device) -> dict[str, Tensor]:
    """Return for each name the rows of all ranks, in their order: two collectives, whatever the ranks have.

    Args:
        own: (n, ...) with n = 0 allowed; the same names in the same order on all ranks. Integers up to 2^24.
        ranks: number of processes.
        device: where collectives take place.
    """
    if ranks == 1:
        return dict(own)
    sizes = torch.tensor([[len(x), x.shape[1] if x.ndim > 1 else 0] for x in own.values()], device=device)
    shapes = _from_all(sizes, ranks).tolist()
    longest = max(sum(_numel(*shape) for shape in of_rank) for of_rank in shapes)
    flat = torch.cat([x.reshape(-1).to(device, torch.float32) for x in own.values()])
    every = _from_all(torch.nn.functional.pad(flat, (0, longest - len(flat))), ranks)
    joined: dict[str, list[Tensor]] = {name: [] for name in own}
    for row, of_rank in zip(every, shapes, strict=True):
        parts = row.split([*(_numel(*shape) for shape in of_rank), longest - sum(_numel(*shape) for shape in of_rank)])
        for (name, x), part, (n, width) in zip(own.items(), parts, of_rank, strict=False):
            if n:
                joined[name].append((part.view(n, width) if width else part).to(x.dtype))
    return {name: torch.cat(parts) if parts else own[name] for name, parts in joined.items()}


def same_numbers(scalars: Sequence[Tensor], ranks: int) -> list[float]:
    """Return scalars () as rank 0 has them, with one synchronisation, so that all ranks decide alike."""
    if not scalars:
        return []
    values = torch.stack([each if each.dtype == torch.float32 else each.float() for each in scalars]).detach()
    if ranks > 1:
        dist.broadcast(values, src=0)
    numbers: list[float] = values.tolist()
    return numbers


def of_all_ranks(own: Any, ranks: int) -> list[Any]:
    """Return what each rank has, for a checkpoint; call it on all ranks."""
    every: list[Any] = [own] * ranks
    if ranks > 1:
        dist.all_gather_object(every, own)
    return every


def own_part(every: list[Any], ranks: int) -> Any:
    """Return this rank's part of what ``of_all_ranks`` returned; None if it was of another number of ranks."""
    if len(every) != ranks:
        return None
    return every[dist.get_rank() if ranks > 1 else 0]


def _numel(n: int, width: int) -> int:
    return n * max(1, width)


def _from_all(x: Tensor, ranks: int) -> Tensor:
    """Return what all ranks have, which is of one shape, (W, ...)."""
    every = x.new_empty((ranks, *x.shape))
    dist.all_gather_into_tensor(every.view(-1), x.reshape(-1))
    return every
