"""Batches from tensors in memory, at the price of one ``index_select``."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from gan_lightning.data.epoch_loader import EpochLoader, Samples
from gan_lightning.data.order import EpochOrder


def to_unit_range(x: Tensor) -> Tensor:
    """Map bytes 0..255 to float32 in [-1, 1], the range of a tanh generator.

    Example:
        >>> to_unit_range(torch.tensor([0, 51, 255], dtype=torch.uint8))
        tensor([-1.0000, -0.6000,  1.0000])
    """
    return x.to(torch.float32).div_(127.5).sub_(1.0)


class TensorLoader(EpochLoader):
    """Hand out batches of tensors that lie in memory, shuffled anew each epoch.

    Each batch is an ``index_select`` by a slice of the epoch's permutation, 10 to 60 times faster than
    ``DataLoader(TensorDataset(...))``. Tensors on a GPU are batched there. Resumable and sharded over ranks, see
    ``EpochLoader`` and ``EpochOrder``.

    Args:
        tensors: one or more of equal length N; with one, a batch is a tensor, otherwise a list.
        batch_size: samples per batch and rank, from 1 to N.
        seed: of the order; equal on all ranks.
        shuffle: draw a new permutation each epoch.
        drop_last: leave out the samples that do not fill a batch.
        transform: applied to the first tensor of each batch, e.g. ``to_unit_range``.

    Raises:
        ValueError: if there are no tensors, their lengths differ, they are empty, they hold NaN or infinite values, or
            ``batch_size`` does not fit.

    Example:
        >>> x, y = torch.arange(6.0).reshape(6, 1), torch.arange(6)
        >>> for samples, labels in TensorLoader(x, y, batch_size=2, shuffle=False):
        ...     print(samples.shape, labels.tolist())
        torch.Size([2, 1]) [0, 1]
        torch.Size([2, 1]) [2, 3]
        torch.Size([2, 1]) [4, 5]
    """

    def __init__(
        self,
        *tensors: Tensor,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = True,
        transform: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        if not tensors:
            raise ValueError("TensorLoader needs at least one tensor")
        lengths = [len(tensor) for tensor in tensors]
        if len(set(lengths)) > 1:
            raise ValueError(f"the tensors have different lengths: {' and '.join(map(str, lengths))}")
        super().__init__(EpochOrder(lengths[0], batch_size, seed, shuffle, drop_last))
        for position, tensor in enumerate(tensors):
            _require_finite(tensor, position)
        self.tensors, self.transform = tensors, transform

    def _batches(self, epoch: int, start: int) -> Iterator[Samples]:
        transform = self.transform
        for index in self.order.batches(epoch, start, self.tensors[0].device):
            batch = [tensor.index_select(0, index) for tensor in self.tensors]
            if transform is not None:
                batch[0] = transform(batch[0])
            yield batch if len(batch) > 1 else batch[0]


def _require_finite(tensor: Tensor, position: int) -> None:
    if not tensor.is_floating_point():
        return
    bad = ~tensor.isfinite()
    if count := int(bad.sum()):
        first = tuple(bad.nonzero()[0].tolist())
        raise ValueError(
            f"tensor {position} holds {count} NaN or infinite values among {tensor.numel()}, the first at index {first}"
        )
