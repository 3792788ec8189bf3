"""Frames as an animation that every browser, and every README, shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FRAMES, SECONDS, LAST = 160, 12.0, 2.0
"""Frames at most, and how long they last together; how long the last one stays."""


def write_gif(file: Path, frames: Sequence[Path], seconds: float = SECONDS) -> Path:
    """Write an endless GIF from pictures of one size; of more than ``FRAMES``, evenly taken ones, and the last.

    Args:
        file: to write; its folder is made.
        frames: files of the pictures, in order; those that cannot be read, as when a disk was full, are left out.
        seconds: that a round takes at most; a frame never stays for more than .4 seconds.

    Raises:
        ValueError: if no frame can be read.
    """
    count = min(FRAMES, len(frames))
    taken = [frames[-1 - (count - 1 - i) * (len(frames) - 1) // max(1, count - 1)] for i in range(count)]
    images = [image for image in map(_read, taken) if image is not None]
    if not images:
        raise ValueError(f"no frame for {file.name}: none of {len(frames)} files could be read")
    each = max(20, min(400, round(1000 * seconds / len(images))))
    times = [each] * (len(images) - 1) + [round(1000 * LAST)]
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".tmp")
    images[0].save(fresh, "GIF", save_all=True, append_images=images[1:], duration=times, loop=0, disposal=1)
    fresh.replace(file)
    return file


def _read(file: Path) -> "Image | None":
    from PIL import Image

    try:
        with Image.open(file) as image:
            return image.convert("P", palette=Image.Palette.ADAPTIVE, colors=128)
    except OSError:
        return None
