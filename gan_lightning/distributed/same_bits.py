"""Whether all ranks hold the same bits, and by how much they differ where they do not."""

from collections.abc import Iterator, Sequence

import torch
import torch.distributed as dist
from torch import Tensor

WORDS = 1 << 22
"""Words mixed at once: few kernels for small networks, 32 MB at a time for large ones."""
INTEGERS = {1: torch.int8, 2: torch.int16, 4: torch.int32}


def fingerprints(tensors: Sequence[Tensor], device: torch.device) -> Tensor:
    """Return a number for the bits of each tensor, (T,) int64, without a synchronisation.

    The same tensors in the same order give the same numbers, NaN included. A tensor that differs in one element never
    gives the same, others do by chance only, once in 2^64. A tensor's place in the list counts, and so do those before.

    Args:
        tensors: of any dtype and shape, empty ones too.
        device: where the numbers are wanted.

    Example:
        >>> x, cpu = torch.tensor([1.0, float("nan")]), torch.device("cpu")
        >>> own, same, swapped = (fingerprints([y], cpu).item() for y in (x, x.clone(), x.flip(0)))
        >>> own == same, own == swapped
        (True, False)
    """
    totals = torch.zeros(len(tensors), dtype=torch.int64, device=device)
    for places, parts in _buckets(tensors):
        words = torch.cat(parts).long()
        mixed = _mix(words ^ _mix(torch.arange(len(words), device=words.device)))
        sums = torch.stack([part.sum() for part in torch.split(mixed, [len(part) for part in parts])])
        totals.index_add_(0, torch.tensor(places, device=device), sums.to(device))
    return totals


def gaps_to_rank_zero(tensors: Sequence[Tensor], device: torch.device) -> list[float]:
    """Return how far any rank's tensor is from rank 0's, each by its largest difference; a NaN on one side is infinity.

    Args:
        tensors: the same shapes and dtypes on all ranks, none empty.
        device: where collectives take place.
    """
    gaps = torch.stack([_gap(x.detach().to(device)) for x in tensors])
    dist.all_reduce(gaps, op=dist.ReduceOp.MAX)
    numbers: list[float] = gaps.tolist()
    return numbers


def _gap(own: Tensor) -> Tensor:
    first = own.reshape(-1).clone(memory_format=torch.contiguous_format)
    dist.broadcast(first.view(torch.uint8), src=0)  # bytes: not every backend knows every dtype
    x, y = (each if each.is_complex() else each.double() for each in (own.reshape(-1), first))
    same = (x == y) | (x.isnan() & y.isnan())
    return (x - y).abs().masked_fill(same, 0).nan_to_num(nan=torch.inf, posinf=torch.inf).max().double()


def _buckets(tensors: Sequence[Tensor]) -> Iterator[tuple[list[int], list[Tensor]]]:
    """Yield pieces of the tensors as integers of one width, with the places of the tensors, up to ``WORDS`` at once."""
    places: list[int] = []
    parts: list[Tensor] = []
    filled = 0
    for place, tensor in enumerate(tensors):
        for part in torch.split(_words(tensor), WORDS):
            if parts and (filled + len(part) > WORDS or part.dtype != parts[0].dtype or part.device != parts[0].device):
                yield places, parts
                places, parts, filled = [], [], 0
            places.append(place)
            parts.append(part)
            filled += len(part)
    if parts:
        yield places, parts


def _words(x: Tensor) -> Tensor:
    flat = x.detach().resolve_conj().resolve_neg().reshape(-1)
    return flat.view(INTEGERS.get(flat.element_size(), torch.int64))


def _mix(x: Tensor) -> Tensor:
    """Map int64 to int64 one to one, such that each bit goes into many; products wrap around."""
    x = x * 0x2545F4914F6CDD1D
    return (x ^ (x >> 32 & 0xFFFFFFFF)) * 0x5851F42D4C957F2D
