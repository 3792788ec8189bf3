"""A pyramid of resolutions for square images, from 4 x 4 pixels to the image, doubling from level to level."""

from collections.abc import Sequence

from gan_lightning.networks.settings import image_shape


def power_of_two_shape(shape: Sequence[int], smallest: int, largest: int) -> tuple[int, int, int]:
    """Return the shape of one square image whose side is a power of two as a tuple (C, H, W).

    Raises:
        ValueError: if it is not (C, H, W), or a side is not in [smallest, largest], or the sides are not one power of
            two.
    """
    channels, height, width = image_shape(shape, smallest, largest)
    if height != width or height & (height - 1):
        raise ValueError(
            f"shape is {(channels, height, width)}, expected H = W and a power of two from {smallest} to {largest}: "
            "resize the images in the data module, or take the DCGAN networks"
        )
    return channels, height, width


def levels(coarsest: int, finest: int) -> list[int]:
    """Return the sides of all levels, doubling from ``coarsest`` to ``finest``.

    Example:
        >>> levels(4, 32)
        [4, 8, 16, 32]
    """
    sides = [coarsest]
    while sides[-1] < finest:
        sides.append(2 * sides[-1])
    return sides


def channels_at(side: int, width: int) -> int:
    """Return the channels of a level: ``width`` up to 32 pixels, then half as many with each doubling, at least 1.

    Example:
        >>> [channels_at(side, 256) for side in levels(4, 128)]
        [256, 256, 256, 256, 128, 64]
    """
    return max(1, width * 32 // max(side, 32))
