"""The base of data modules whose samples fit into memory."""

from abc import abstractmethod

import torch
from torch import Tensor

from gan_lightning.data.order import derive_seed
from gan_lightning.data.resumable_data import ResumableData
from gan_lightning.data.tensor_loader import TensorLoader, to_unit_range


class InMemory(ResumableData):
    """Hold a data set as one tensor and hand out its batches through ``TensorLoader``.

    A subclass passes on its sample shape and number of classes and implements ``load()``. ``shape`` and ``num_classes``
    are known without loading. Samples loaded as bytes (uint8) stay bytes and are handed out as floats in [-1, 1].

    Args:
        shape: of one sample.
        num_classes: how many classes the labels have; 0 if there are none.
        batch_size: samples per batch and device.
        labels: yield [samples, labels] instead of samples.
        seed: of the order and of the held-out split.
        val_fraction: share of the samples in [0, 1) held out for ``val_dataloader()``, which exists only if this is
            above 0: without it Lightning neither validates nor warns.

    Raises:
        ValueError: if an argument is out of range; at ``setup()`` if the data contradict the arguments.

    Example:
        >>> class Noise(InMemory):
        ...     def load(self):
        ...         return torch.randn(100, 2), None
        >>> noise = Noise(shape=(2,), num_classes=0, batch_size=10)
        >>> noise.setup()
        >>> next(iter(noise.train_dataloader())).shape
        torch.Size([10, 2])
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        num_classes: int,
        *,
        batch_size: int = 64,
        labels: bool = False,
        seed: int = 0,
        val_fraction: float = 0.0,
    ) -> None:
        super().__init__()
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if not 0 <= val_fraction < 1:
            raise ValueError(f"val_fraction must be in [0, 1), got {val_fraction}")
        if labels and num_classes < 1:
            raise ValueError("labels=True, but the data have no classes")
        self._shape, self._num_classes = tuple(shape), num_classes if labels else 0
        self.batch_size, self.labels, self.seed, self.val_fraction = batch_size, labels, seed, val_fraction
        self._train: list[Tensor] = []
        self._val: list[Tensor] = []
        if val_fraction > 0:
            # Lightning warns if there is a val_dataloader, even an empty one, and the module (it may be a foreign one)
            # has no validation_step. So the hook is there only if there is something to hand out.
            self.val_dataloader = self._held_out_loader  # type: ignore[method-assign]

    @abstractmethod
    def load(self) -> tuple[Tensor, Tensor | None]:
        """Return all samples (N, *shape) and their labels (N,), or None if there are none."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample, without the batch."""
        return self._shape

    @property
    def num_classes(self) -> int:
        """Number of classes if batches carry labels, otherwise 0."""
        return self._num_classes

    def setup(self, stage: str | None = None) -> None:
        """Load, check and split, once for all stages."""
        super().setup(stage)
        if self._train:
            return
        samples, labels = self.load()
        if samples.shape[1:] != self.shape:
            raise ValueError(f"samples have shape {tuple(samples.shape[1:])}, expected {self.shape}")
        tensors = [samples]
        if self.labels:
            tensors.append(_checked_labels(labels, len(samples), self.num_classes))
        self._split(tensors)

    def _train_loader(self) -> TensorLoader:
        return self._loader(self._train, shuffle=True, drop_last=True)

    def _held_out_loader(self) -> TensorLoader:
        return self._loader(self._val, shuffle=False, drop_last=False)

    def _loader(self, tensors: list[Tensor], shuffle: bool, drop_last: bool) -> TensorLoader:
        if not tensors:
            raise RuntimeError(f"call {type(self).__name__}.setup() before asking for its loaders")
        transform = to_unit_range if tensors[0].dtype == torch.uint8 else None
        return TensorLoader(
            *tensors,
            batch_size=self.batch_size,
            seed=self.seed,
            shuffle=shuffle,
            drop_last=drop_last,
            transform=transform,
        )

    def _split(self, tensors: list[Tensor]) -> None:
        num_samples = len(tensors[0])
        num_val = round(self.val_fraction * num_samples)
        if self.val_fraction > 0 and num_val == 0:
            raise ValueError(f"val_fraction={self.val_fraction} of {num_samples} samples holds out none: raise it")
        if num_val == 0:
            self._train = tensors
            return
        generator = torch.Generator().manual_seed(derive_seed("split", self.seed))
        permutation = torch.randperm(num_samples, generator=generator)
        self._val = [tensor[permutation[:num_val]] for tensor in tensors]
        self._train = [tensor[permutation[num_val:]] for tensor in tensors]


def _checked_labels(labels: Tensor | None, num_samples: int, num_classes: int) -> Tensor:
    if labels is None:
        raise ValueError("labels=True, but load() returned none")
    if labels.shape != (num_samples,):
        raise ValueError(f"labels have shape {tuple(labels.shape)}, expected ({num_samples},): one per sample")
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise ValueError(f"labels must be integers, got {labels.dtype}")
    if num_samples:
        low, high = int(labels.min()), int(labels.max())
        if low < -1 or high >= num_classes:
            raise ValueError(f"labels must be in [0, {num_classes}), or -1 for unlabelled samples, got {low} to {high}")
    return labels.long()
