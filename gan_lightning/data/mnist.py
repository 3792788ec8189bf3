"""MNIST from its original files, downloaded on first use.

Origin: LeCun et al. 1998, Gradient-based learning applied to document recognition.
"""

from pathlib import Path
from typing import Literal
from urllib.error import URLError

from torch import Tensor

from gan_lightning.data.idx import read_idx
from gan_lightning.data.in_memory import InMemory
from gan_lightning.data.resize import require_size, resize

_PREFIX = {"train": "train", "test": "t10k"}


class MNIST(InMemory):
    """Train on 60,000 (or 10,000) handwritten digits of 28 x 28 pixels in [-1, 1].

    Reads the original IDX files, plain or ``.gz``, from ``<root>/MNIST/raw`` or ``<root>``; only those of the wanted
    split must be there. Kept as bytes, converted batch by batch.

    Args:
        root: folder of the files, and of the download.
        split: 60,000 images ("train") or 10,000 ("test").
        size: pixels per side; other than 28 by antialiased bicubic interpolation. 32 suits networks that halve.
        download: fetch missing files, through torchvision.
        batch_size: images per batch and device.
        labels: yield [images, digits] instead of images.
        seed: of the order and of the held-out split.
        val_fraction: share of the images in [0, 1) held out for ``val_dataloader()``.

    Raises:
        ValueError: if an argument is out of range, or a file is broken (at ``setup()``).
        FileNotFoundError: if files are missing and must or can not be downloaded (at ``prepare_data()``).

    Example:
        >>> MNIST(size=32, labels=True).shape
        (1, 32, 32)
    """

    def __init__(
        self,
        root: str = "data",
        split: Literal["train", "test"] = "train",
        size: int = 28,
        download: bool = True,
        batch_size: int = 64,
        labels: bool = False,
        seed: int = 0,
        val_fraction: float = 0.0,
    ) -> None:
        if split not in _PREFIX:
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        shape = (1, require_size(size), size)
        super().__init__(shape, 10, batch_size=batch_size, labels=labels, seed=seed, val_fraction=val_fraction)
        self.root, self.split, self.download = Path(root), split, download
        self._names = [f"{_PREFIX[split]}-images-idx3-ubyte", f"{_PREFIX[split]}-labels-idx1-ubyte"]

    def prepare_data(self) -> None:
        """Download what is missing; Lightning calls this on one process only."""
        if all(map(self._find, self._names)):
            return
        if not self.download:
            raise FileNotFoundError(self._missing("download=False forbids to fetch them"))
        from torchvision import datasets  # slow to import

        try:
            datasets.MNIST(str(self.root), train=self.split == "train", download=True)
        except (RuntimeError, URLError, OSError) as error:
            raise FileNotFoundError(self._missing(f"the download failed ({error})")) from error

    def load(self) -> tuple[Tensor, Tensor]:
        image_file, label_file = map(self._find, self._names)
        if image_file is None or label_file is None:
            raise FileNotFoundError(self._missing("prepare_data() has not fetched them"))
        images, labels = read_idx(image_file, 3), read_idx(label_file, 1)
        if images.shape[1:] != (28, 28):
            raise ValueError(f"{image_file} holds images of {tuple(images.shape[1:])} pixels, expected (28, 28)")
        if len(images) != len(labels):
            raise ValueError(f"{image_file} holds {len(images)} images, {label_file} {len(labels)} labels")
        return resize(images.unsqueeze(1), self.shape[-1], 0, 255), labels

    def _find(self, name: str) -> Path | None:
        folders = (self.root / "MNIST" / "raw", self.root)
        candidates = (folder / (name + suffix) for folder in folders for suffix in ("", ".gz"))
        return next((path for path in candidates if path.is_file()), None)

    def _missing(self, why: str) -> str:
        return (
            f"MNIST: {' and '.join(self._names)} (or with .gz) are wanted in {self.root / 'MNIST' / 'raw'} or"
            f" {self.root}, and {why}. Either copy the files there, or run once with network access and download=True."
        )
