"""Checks of the networks' settings, at construction, before anything is built from them."""

from collections.abc import Sequence


def check_at_least(minimum: int, **settings: int) -> None:
    """Raise ``ValueError`` for the first setting that is smaller than ``minimum``."""
    for name, value in settings.items():
        if value < minimum:
            raise ValueError(f"{name} is {value}, expected at least {minimum}: choose a larger {name}")


def check_dropout(dropout: float) -> None:
    """Raise ``ValueError`` unless ``0 <= dropout < 1``."""
    if not 0 <= dropout < 1:
        raise ValueError(
            f"dropout is {dropout}, expected 0 <= dropout < 1: it is the probability that an activation is set to zero"
        )


def sample_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the shape of one sample as a tuple; configuration files bring lists.

    Raises:
        ValueError: if it is empty or a size is not positive.
    """
    sizes = tuple(int(size) for size in shape)
    if not sizes or min(sizes) < 1:
        raise ValueError(
            f"shape is {sizes}, expected the sizes of one sample without the batch, such as (2,) or (3, 32, 32)"
        )
    return sizes


def image_shape(shape: Sequence[int], smallest: int, largest: int) -> tuple[int, int, int]:
    """Return the shape of one image as a tuple (C, H, W).

    Raises:
        ValueError: if it is not (C, H, W), or a side is not in [smallest, largest].
    """
    sizes = sample_shape(shape)
    if len(sizes) != 3:
        raise ValueError(
            f"shape is {sizes}, expected (C, H, W) such as (3, 32, 32): give images, or take the MLP networks"
        )
    channels, height, width = sizes
    if min(height, width) < smallest or max(height, width) > largest:
        raise ValueError(
            f"shape is {sizes}, expected sides of {smallest} to {largest} pixels: resize the images in the data module"
        )
    return channels, height, width
