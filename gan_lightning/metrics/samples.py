"""What all metrics refuse before anything embeds, classifies or counts it."""

from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

LARGEST = 10.0
"""Beyond it, values of images are bytes that were made floats: normalised ones stay within 3, whatever the data."""


class TakesSamples:
    """The part of a metric that looks at samples first: floating, of one size, images not in 0..255."""

    fewest = 1
    """Samples of a kind without which there is no figure."""

    _shape: tuple[int, ...] | None = None

    def check(self, samples: Tensor) -> None:
        """Refuse what is no batch of samples, or of another size than before.

        Raises:
            TypeError: if they are no tensor.
            ValueError: if they are not (N, ...) and floating, of another size than those since the last reset, or
                images (N, C, H, W) with NaN, infinite or very large values.
        """
        if not isinstance(samples, Tensor):
            raise TypeError(f"expected a tensor of samples (N, ...), got a {type(samples).__name__}")
        if samples.ndim < 2 or not samples.is_floating_point():
            raise ValueError(
                f"expected floating-point samples (N, ...) as the generator makes them, images in [-1, 1], got "
                f"{tuple(samples.shape)} of {samples.dtype}: scale bytes by x / 127.5 - 1"
            )
        shape = tuple(samples.shape[1:])
        if self._shape not in (None, shape):
            raise ValueError(
                f"these samples have the shape {shape}, those before had {self._shape}: compare samples of one size "
                "only, so resize the data or the generated samples first"
            )
        if samples.ndim == 4 and len(samples):
            _check_values(samples)
        self._shape = shape

    def reset(self) -> None:
        """Forget all samples."""
        self._shape = None
        super().reset()  # type: ignore[misc]


def _check_values(images: Tensor) -> None:
    bad = int((~images.isfinite().flatten(1).all(1)).sum())
    if bad:
        raise ValueError(f"{bad} of {len(images)} samples have NaN or infinite values: look at the samples")
    low, high = (float(each) for each in images.aminmax())
    if low < -LARGEST or high > LARGEST:
        raise ValueError(
            f"expected images in [-1, 1], or normalised in some way, got values in [{low:.3g}, {high:.3g}]: scale "
            "bytes by x / 127.5 - 1, the data as the generator's output is scaled"
        )


def warn_of_few(what: str, count: int, few: int, instead: str) -> None:
    """Warn that a figure of few samples misleads.

    Args:
        what: the figure, for people.
        count: samples that there were.
        few: below which one is warned.
        instead: why, and what to do.
    """
    if count < few:
        rank_zero_warn(f"{what} of {count:,} samples {instead}: give {few:,} or more")
