"""A folder of a user's own pictures as a data module."""

from pathlib import Path
from typing import Literal

from gan_lightning.data.image_loader import ImageLoader
from gan_lightning.data.resize import require_size
from gan_lightning.data.resumable_data import ResumableData

EXTENSIONS = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")


class ImageFolder(ResumableData):
    """Train on the pictures in a folder: cut to the central square, resized, in [-1, 1].

    The pictures lie in ``root`` itself, or one sub-folder per class, at any depth below it; classes are numbered in the
    alphabetical order of their folders. Only the names of the sub-folders are read before ``setup()``.

    A file that cannot be read costs no run: the next one of its class comes in its place, the same each time, with a
    warning that names it. More than a tenth of the files are an error.

    Args:
        root: the folder.
        size: pixels per side.
        channels: 3 for RGB, 1 for grey; files are converted.
        batch_size: images per batch and device.
        labels: yield [images, classes] instead of images.
        num_workers: processes that read ahead on each device's behalf, at least 0. 0 reads in the training process.
        flip: mirror every image left-right with probability 1/2.
        seed: of the order and of the flips.

    Raises:
        FileNotFoundError: if ``root`` is missing or no folder, or has no images.
        ValueError: if an argument is out of range, pictures lie both in ``root`` and in sub-folders, a class is empty,
            there are fewer images than ``batch_size``, or ``labels=True`` without sub-folders; while training, if
            more than a tenth of the files cannot be read, or several in a row.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from PIL import Image
        >>> with TemporaryDirectory() as root:
        ...     for k in range(4):
        ...         Image.new("RGB", (20, 30)).save(f"{root}/{k}.png")
        ...     data = ImageFolder(root, size=16, batch_size=2)
        ...     data.setup()
        ...     next(iter(data.train_dataloader())).shape
        torch.Size([2, 3, 16, 16])
    """

    def __init__(
        self,
        root: str,
        size: int = 64,
        channels: Literal[1, 3] = 3,
        batch_size: int = 64,
        labels: bool = False,
        num_workers: int = 0,
        flip: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if channels not in (1, 3):
            raise ValueError(f"channels must be 1 or 3, got {channels}")
        if batch_size < 1 or num_workers < 0:
            raise ValueError(f"needed: batch_size >= 1, num_workers >= 0; got {batch_size} and {num_workers}")
        self._shape = (channels, require_size(size), size)
        self.root, self.batch_size, self.labels, self.seed = Path(root), batch_size, labels, seed
        self.num_workers, self.flip = num_workers, flip
        if not self.root.is_dir():
            raise FileNotFoundError(f"{root} is {'not a folder' if self.root.exists() else 'missing'}")
        self._folders = sorted(path for path in self.root.iterdir() if path.is_dir() and path.name[0] != ".")
        if labels and not self._folders:
            raise ValueError(f"labels=True, but {root} has no sub-folders: put each class into a sub-folder of its own")
        self._files: list[Path] = []
        self._file_classes: list[int] = []

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one image, (channels, size, size)."""
        return self._shape

    @property
    def num_classes(self) -> int:
        """Number of sub-folders if batches carry labels, otherwise 0."""
        return len(self._folders) if self.labels else 0

    @property
    def class_names(self) -> list[str]:
        """Names of the sub-folders, in the order of the labels."""
        return [folder.name for folder in self._folders]

    def setup(self, stage: str | None = None) -> None:
        """List the files, once for all stages."""
        super().setup(stage)
        if self._files:
            return
        flat = sorted(path for path in self.root.iterdir() if _is_image(path))
        per_class = [sorted(path for path in folder.rglob("*") if _is_image(path)) for folder in self._folders]
        if not flat and not any(per_class):
            raise FileNotFoundError(f"no images in {self.root}; known extensions: {' '.join(EXTENSIONS)}")
        if flat and any(per_class):
            raise ValueError(f"{self.root} has images of its own and sub-folders with images: use one or the other")
        empty = [folder.name for folder, files in zip(self._folders, per_class, strict=True) if not files]
        if self.labels and empty:
            raise ValueError(
                f"no images in the sub-folders {', '.join(empty)} of {self.root}: a class must not be empty"
            )
        files = flat or [path for group in per_class for path in group]
        if len(files) < self.batch_size:
            raise ValueError(f"{self.root} has {len(files)} images: lower batch_size={self.batch_size} to that at most")
        self._files = files
        self._file_classes = [label for label, group in enumerate(per_class) for _ in group]

    def _train_loader(self) -> ImageLoader:
        if not self._files:
            raise RuntimeError("call ImageFolder.setup() before asking for its loaders")
        channels, size, _ = self.shape
        return ImageLoader(
            self._files,
            self._file_classes if self.labels else None,
            size=size,
            channels=channels,
            batch_size=self.batch_size,
            seed=self.seed,
            flip=self.flip,
            num_workers=self.num_workers,
        )


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in EXTENSIONS and path.is_file()
