"""Batches of image files, read by worker processes where wanted."""

import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.data.broken_files import BrokenFiles, in_its_place
from gan_lightning.data.epoch_loader import EpochLoader, Samples
from gan_lightning.data.order import EpochOrder, derive_seed
from gan_lightning.data.tensor_loader import to_unit_range

_Ticket = tuple[int, int]  # (epoch, index): all that a worker must know, so that it needs no state
_Item = tuple[Tensor, int, list[tuple[int, str]]]  # the image, its index, and what is wrong with those it stands in for


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
    except Exception as error:  # each format's decoder has errors of its own
        raise ValueError(f"cannot read the image {path}: {error}") from error
    picture = ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return pixels.reshape(size, size, channels).permute(2, 0, 1).contiguous()


class ImageLoader(EpochLoader):
    """Hand out batches of image files as floats in [-1, 1], shuffled anew each epoch.

    The order and the flips depend on seed, epoch and sample alone: they are the same for any number of workers, and
    the global random state is left as it is. Resumable and sharded over ranks, see ``EpochLoader`` and ``EpochOrder``.

    In the place of a file that cannot be read comes the next one of its class, the same each time, and it is told which
    files these are.

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
        ValueError: if ``batch_size`` does not fit or ``num_workers`` is negative; while iterating, if more than a tenth
            of the files are broken, or several in a row.
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
        self._broken = BrokenFiles(files)
        self._loader: DataLoader[_Item] = DataLoader(
            _Images(files, classes, size, channels, seed if flip else None),
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
        for number, (images, indices, troubles) in enumerate(self._loader, start + 1):
            self._broken.add(troubles)
            if number == len(self):  # now, for after its last batch nobody resumes a generator
                self._broken.tell()
            # Here and not in the workers: bytes are a quarter of the traffic between processes.
            samples = to_unit_range(images)
            yield samples if self._classes is None else [samples, self._classes[indices]]


class _Pass:
    """The batch sampler: what is left of the present pass. Workers outlive a pass, so it is filled in from outside."""

    def __init__(self) -> None:
        self.tickets: Iterable[list[_Ticket]] = ()

    def __iter__(self) -> Iterator[list[_Ticket]]:
        return iter(self.tickets)


class _Images(Dataset[_Item]):
    def __init__(
        self, files: Sequence[Path], classes: Sequence[int] | None, size: int, channels: int, flip_seed: int | None
    ) -> None:
        self.files, self.classes, self.size, self.channels, self.flip_seed = files, classes, size, channels, flip_seed

    def __getitem__(self, ticket: _Ticket) -> _Item:
        epoch, index = ticket
        image, shown, troubles = self._read(index)
        if self.flip_seed is not None and derive_seed("flip", self.flip_seed, epoch, index) & 1:
            image = image.flip(-1)
        return image, shown, troubles

    def _candidates(self, index: int) -> Iterator[int]:
        yield index  # nearly always enough; who stands in for it takes a walk over all files
        yield from in_its_place(index, self.classes, len(self.files))[1:]

    def _read(self, index: int) -> _Item:
        troubles: list[tuple[int, str]] = []
        for shown in self._candidates(index):
            try:
                return read_image(self.files[shown], self.size, self.channels), shown, troubles
            except ValueError as error:
                troubles.append((shown, str(error)))
        raise ValueError(f"{troubles[0][1]}, and none of the {len(troubles) - 1} images of its class that follow it")


def _let_go(loader: DataLoader[_Item]) -> None:
    """Do nothing: the reference that came as an argument ends here."""


def _collate(items: list[_Item]) -> tuple[Tensor, Tensor, list[tuple[int, str]]]:
    images, indices, troubles = zip(*items, strict=True)
    return torch.stack(images), torch.tensor(indices), [trouble for each in troubles for trouble in each]
