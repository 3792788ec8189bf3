"""Handwritten digits that come with scikit-learn: real images with no download."""

import torch
from torch import Tensor

from gan_lightning.data.in_memory import InMemory
from gan_lightning.data.resize import require_size, resize


class Digits(InMemory):
    """Train on 1,797 handwritten digits of 8 x 8 pixels, scaled from 0..16 to [-1, 1].

    Origin: Alpaydin and Kaynak 1998, test part, https://archive.ics.uci.edu/dataset/80, as embedded in scikit-learn.

    Args:
        size: pixels per side; other than 8 by antialiased bicubic interpolation.
        batch_size: images per batch and device.
        labels: yield [images, digits] instead of images.
        seed: of the order and of the held-out split.
        val_fraction: share of the images in [0, 1) held out for ``val_dataloader()``.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> digits = Digits(batch_size=16, labels=True)
        >>> digits.shape, digits.num_classes
        ((1, 8, 8), 10)
        >>> digits.setup()
        >>> [tensor.shape for tensor in next(iter(digits.train_dataloader()))]
        [torch.Size([16, 1, 8, 8]), torch.Size([16])]
    """

    def __init__(
        self, size: int = 8, batch_size: int = 64, labels: bool = False, seed: int = 0, val_fraction: float = 0.0
    ) -> None:
        shape = (1, require_size(size), size)
        super().__init__(shape, 10, batch_size=batch_size, labels=labels, seed=seed, val_fraction=val_fraction)

    def load(self) -> tuple[Tensor, Tensor]:
        from sklearn.datasets import load_digits  # slow to import

        digits = load_digits()
        images = torch.from_numpy(digits.images).to(torch.float32).unsqueeze(1) / 8 - 1
        return resize(images, self.shape[-1], -1.0, 1.0), torch.from_numpy(digits.target).long()
