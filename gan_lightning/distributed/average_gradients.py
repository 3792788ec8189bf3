"""One round of all-reduces per player's update, whatever led to the gradients.

Lightning's DDP arms its reducer for each backward and reduces both players' gradients every time. A GAN's update has
several forwards, penalties and sometimes several backwards, and one player. So the reducer is held off and the
gradients are averaged once, flat: exact against one process with the joined batch, with half of the traffic.

They are averaged after the backward. Starting each bucket while the backward still runs, by hooks on the parameters,
was tried and gained no more than sending several buckets at a time does: ``experiments/speed/overlap.py``.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import torch
import torch.distributed as dist
from torch import Tensor

BUCKET_BYTES = 8 * 1024 * 1024
"""Size of the flat copies: large enough for the bandwidth, small enough to copy one while others are sent."""
IN_FLIGHT = 4
"""Buckets that are sent at a time; their flat copies are the memory that averaging takes."""


def average_gradients(params: Iterable[Tensor]) -> None:
    """Replace each parameter's gradient by its mean over all ranks, in place.

    Parameters without a gradient are passed over; which these are must be the same on all ranks.

    Args:
        params: leaf tensors whose ``grad`` is averaged.

    Raises:
        RuntimeError: if no process group is initialised.
    """
    sent: deque[Sent] = deque()
    for bucket in buckets_of([p.grad for p in params if p.grad is not None], BUCKET_BYTES):
        if len(sent) == IN_FLIGHT:
            sent.popleft().arrive()
        sent.append(Sent(bucket))
    for last in sent:
        last.arrive()


class Sent:
    """Gradients of one type on their way to the other ranks.

    Args:
        gradients: left as they are until ``arrive``.
    """

    def __init__(self, gradients: list[Tensor]) -> None:
        self._gradients = gradients
        self._flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        self._work = dist.all_reduce(self._flat, async_op=True)

    def arrive(self) -> None:
        """Wait for the other ranks' and write the mean into the gradients."""
        if self._work is not None:
            self._work.wait()
        self._flat /= dist.get_world_size()
        parts = torch.split(self._flat, [gradient.numel() for gradient in self._gradients])
        means = [part.view_as(gradient) for part, gradient in zip(parts, self._gradients, strict=True)]
        torch._foreach_copy_(self._gradients, means)


def buckets_of(tensors: Iterable[Tensor], limit: int) -> Iterator[list[Tensor]]:
    """Yield neighbours of one type that are ``limit`` bytes together at most, or a larger one alone."""
    bucket: list[Tensor] = []
    filled = 0
    for tensor in tensors:
        size = tensor.numel() * tensor.element_size()
        if bucket and (filled + size > limit or tensor.dtype != bucket[0].dtype):
            yield bucket
            bucket, filled = [], 0
        bucket.append(tensor)
        filled += size
    if bucket:
        yield bucket
