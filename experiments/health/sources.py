"""The data of the runs, whole in memory, with what an oracle may know of them.

Images of MNIST are read from a folder that the caller names; nothing is downloaded.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from torch import Tensor

from gan_lightning.data import MNIST, Digits, GaussianMixture
from gan_lightning.data.tensor_loader import to_unit_range

FOLDER = "GAN_LIGHTNING_DATA"
"""Environment variable: a folder with ``mnist/MNIST/raw/t10k-*``."""


SIGMA = 0.1
"""Standard deviation of each mode of the mixtures."""


class MissingDataError(Exception):
    """The files of a data set are not on this machine."""


@dataclass(frozen=True)
class Source:
    """A data set.

    Args:
        samples: (N, ...), images in [-1, 1].
        label: classes or modes, (N,).
        centers: means of the modes, (K, 2); None for images.
    """

    samples: Tensor
    label: Tensor
    centers: Tensor | None = None

    @property
    def num_classes(self) -> int:
        """How many classes, or modes, there are."""
        return int(self.label.max()) + 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample."""
        return tuple(self.samples.shape[1:])


@lru_cache
def load(name: str) -> Source:
    """Return a data set by name, loaded once per process.

    Raises:
        MissingDataError: if its files are not there.
    """
    return SOURCES[name]()


def _mixture(**options: object) -> Callable[[], Source]:
    def make() -> Source:
        mixture = GaussianMixture(**options, sigma=SIGMA, num_samples=20_000)  # type: ignore[arg-type]
        samples, label = mixture.load()
        return Source(samples, label, mixture.centers)

    return make


def _digits() -> Source:
    return Source(*Digits().load())


def _mnist() -> Source:
    root = Path(os.environ.get(FOLDER, "data")) / "mnist"
    data = MNIST(str(root), split="test", size=16, download=False)
    try:
        data.prepare_data()
    except FileNotFoundError as error:
        raise MissingDataError(f"set {FOLDER}, or give --data, to a folder with mnist/MNIST/raw: {error}") from error
    images, label = data.load()
    return Source(to_unit_range(images), label.long())


SOURCES: dict[str, Callable[[], Source]] = {
    "ring8": _mixture(layout="ring", num_modes=8),
    "grid25": _mixture(layout="grid", num_modes=25, spacing=1.5),
    "ring12": _mixture(layout="ring", num_modes=12, radius=2.5),
    "grid9": _mixture(layout="grid", num_modes=9, spacing=2.0),
    "digits": _digits,
    "mnist": _mnist,
}


def folder_is(path: str | None) -> None:
    """Look for files there from now on."""
    if path is not None:
        os.environ[FOLDER] = path
