"""Batches of image files, read by worker processes where wanted."""

import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.data.epoch_loader import EpochLoader, Samples
from gan_lightning.data.order import EpochOrder, derive_seed
from gan_lightning.data.tensor_loader import to_unit_range

_Ticket = tuple[int, int]  # (epoch, index): all that a worker must know, so that it needs no state


def read_image(path: Path, size: int, channels: int) -> Tensor:
    """Return an image file, cut to its central square and resized, as bytes (channels, size, size).

    Args:
        path: the file; a camera's orientation tag is obeyed.
        size: pixels per side; Pillow's bicubic filter, which antialiases.
        channels: 3 for RGB, 1 for grey.

    Raises:
        ValueError: if the file cannot be read; the message names it.
    """
    from PIL import Image, ImageOps  # slow to import

    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file).convert("RGB" if channels == 3 else "L")
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"cannot read the image {path}: {error}") from error
    picture = ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return pixels.reshape(size, size, channels).permute(2, 0, 1).contiguous()


class ImageLoader(EpochLoader):
    """Hand out batches of image files as floats in [-1, 1], shuffled anew each epoch.

    The order and the flips depend on seed, epoch and sample alone: they are the same for any number of workers, and
    the global random state is left as it is. Resumable and sharded over ranks, see ``EpochLoader`` and ``EpochOrder``.

    Args:
        files: the images.
        classes: the class of each file; if given, batches are [images, classes].
        size: pixels per side.
        channels: 3 for RGB, 1 for grey.
        batch_size: images per batch and rank.
        seed: of the order and of the flips.
        flip: mirror every image left-right with probability 1/2.
        num_workers: processes that read ahead; 0 reads in the training process.

    Raises:
        ValueError: if ``batch_size`` does not fit, ``num_workers`` is negative, or (while iterating) a file is broken.
    """

    def __init__(
        self,
        files: Sequence[Path],
        classes: Sequence[int] | None = None,
        *,
        size: int,
        channels: int = 3,
        batch_size: int = 64,
        seed: int = 0,
        flip: bool = False,
        num_workers: int = 0,
    ) -> None:
        super().__init__(EpochOrder(len(files), batch_size, seed))
        self._classes = None if classes is None else torch.tensor(classes, dtype=torch.long)
        self._pass = _Pass()
        self._loader: DataLoader[tuple[Tensor, int]] = DataLoader(
            _Images(files, size, channels, seed if flip else None),
            batch_sampler=self._pass,
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            collate_fn=_collate,
            pin_memory=torch.cuda.is_available(),
            generator=torch.Generator(),  # DataLoader draws a seed per pass, otherwise from the global generator
        )
        # The registry's reference keeps the DataLoader out of the knot around a Trainer. Collected as part of one, its
        # queues would close before its workers are told to stop, and each worker be waited for 5 s.
        weakref.finalize(self, _let_go, self._loader)

    def _batches(self, epoch: int, start: int) -> Iterator[Samples]:
        self._pass.tickets = (
            [(epoch, index) for index in indices.tolist()] for indices in self.order.batches(epoch, start)
        )
        for images, indices in self._loader:
            # Here and not in the workers: bytes are a quarter of the traffic between processes.
            samples = to_unit_range(images)
            yield samples if self._classes is None else [samples, self._classes[indices]]


class _Pass:
    """The batch sampler: what is left of the present pass. Workers outlive a pass, so it is filled in from outside."""

    def __init__(self) -> None:
        self.tickets: Iterable[list[_Ticket]] = ()

    def __iter__(self) -> Iterator[list[_Ticket]]:
        return iter(self.tickets)


class _Images(Dataset[tuple[Tensor, int]]):
    def __init__(self, files: Sequence[Path], size: int, channels: int, flip_seed: int | None) -> None:
        self.files, self.size, self.channels, self.flip_seed = files, size, channels, flip_seed

    def __getitem__(self, ticket: _Ticket) -> tuple[Tensor, int]:
        epoch, index = ticket
        image = read_image(self.files[index], self.size, self.channels)
        if self.flip_seed is not None and derive_seed("flip", self.flip_seed, epoch, index) & 1:
            image = image.flip(-1)
        return image, index


def _let_go(loader: DataLoader[tuple[Tensor, int]]) -> None:
    """Do nothing: the reference that came as an argument ends here."""


def _collate(items: list[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    images, indices = zip(*items, strict=True)
    return torch.stack(images), torch.tensor(indices)
