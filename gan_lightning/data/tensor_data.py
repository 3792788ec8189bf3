"""A user's own tensors as a data module."""

import torch
from torch import Tensor

from gan_lightning.data.in_memory import InMemory


class TensorData(InMemory):
    """Train on tensors that you have already.

    Floating samples are handed out as they are, in the default dtype; scale images to [-1, 1] yourself. Bytes (uint8)
    are taken as 0..255, kept as bytes and handed out as floats in [-1, 1].

    Args:
        samples: (N, ...), floating or uint8.
        labels: (N,) integers from 0, and -1 for unlabelled samples, which only ``SemiSupervised`` takes; if given,
            batches are [samples, labels].
        num_classes: how many classes there are; the largest label + 1 if None.
        batch_size: samples per batch and device.
        seed: of the order and of the held-out split.
        val_fraction: share of the samples in [0, 1) held out for ``val_dataloader()``.

    Raises:
        ValueError: if samples are neither floating nor uint8, or labels are no integers in [-1, num_classes).

    Example:
        >>> data = TensorData(torch.randn(100, 3, 8, 8), batch_size=10)
        >>> data.shape, data.num_classes
        ((3, 8, 8), 0)
    """

    def __init__(
        self,
        samples: Tensor,
        labels: Tensor | None = None,
        *,
        num_classes: int | None = None,
        batch_size: int = 64,
        seed: int = 0,
        val_fraction: float = 0.0,
    ) -> None:
        if not samples.is_floating_point() and samples.dtype != torch.uint8:
            raise ValueError(f"samples must be floating, or uint8 in 0..255, got {samples.dtype}: convert them")
        if labels is None and num_classes is not None:
            raise ValueError("num_classes has no effect without labels")
        if num_classes is None:
            num_classes = int(labels.max()) + 1 if labels is not None and len(labels) else 0
        super().__init__(
            tuple(samples.shape[1:]),
            num_classes,
            batch_size=batch_size,
            labels=labels is not None,
            seed=seed,
            val_fraction=val_fraction,
        )
        self._samples, self._labels = samples, labels
        self.setup()

    def load(self) -> tuple[Tensor, Tensor | None]:
        samples = self._samples
        return (samples.to(torch.get_default_dtype()) if samples.is_floating_point() else samples), self._labels
