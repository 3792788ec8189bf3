"""One all-reduce per player's update, whatever led to the gradients.

Lightning's DDP arms its reducer for each backward and reduces both players' gradients every time. A GAN's update has
several forwards, penalties and sometimes several backwards, and one player. So the reducer is held off and the
gradients are averaged once, flat: exact against one process with the joined batch, with half of the traffic.
"""

from collections.abc import Iterable, Iterator

import torch
import torch.distributed as dist
from torch import Tensor

BUCKET_BYTES = 64 * 1024 * 1024
"""Size of the flat copies: large enough for the bandwidth, small enough for the memory."""


def average_gradients(params: Iterable[Tensor]) -> None:
    """Replace each parameter's gradient by its mean over all ranks, in place.

    Parameters without a gradient are passed over; which these are must be the same on all ranks.

    Args:
        params: leaf tensors whose ``grad`` is averaged.

    Raises:
        RuntimeError: if no process group is initialised.
    """
    for bucket in _buckets([p.grad for p in params if p.grad is not None]):
        flat = torch.cat([gradient.reshape(-1) for gradient in bucket])
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
        parts = torch.split(flat, [gradient.numel() for gradient in bucket])
        torch._foreach_copy_(bucket, [part.view_as(gradient) for part, gradient in zip(parts, bucket, strict=True)])


def _buckets(gradients: list[Tensor]) -> Iterator[list[Tensor]]:
    bucket: list[Tensor] = []
    filled = 0
    for gradient in gradients:
        size = gradient.numel() * gradient.element_size()
        if bucket and (filled + size > BUCKET_BYTES or gradient.dtype != bucket[0].dtype):
            yield bucket
            bucket, filled = [], 0
        bucket.append(gradient)
        filled += size
    if bucket:
        yield bucket
