"""A run's pictures, small enough to lie in a page."""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_lightning.report.logged_pictures import Image, Pictures

NAME = re.compile(r"(.+)-(\d+)\.png")
SIDE = 512
"""Pixels of the longer side, of which a phone shows no more."""
MOST = 60
"""Pictures of one kind."""
BUDGET = 3_000_000
"""Bytes of all pictures in a page, before base64 makes a third more of them."""
QUALITY = 80
LAST = "samples.png"
"""The picture of a run's end."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture at an iteration, as a data URI."""

    at: int
    uri: str


@dataclass(frozen=True, slots=True)
class Reel:
    """The pictures of one kind, in order.

    Args:
        frames: that are shown.
        found: how many there are on the disk.
        unread: how many of those that were wanted could not be read.
    """

    frames: tuple[Frame, ...]
    found: int
    unread: int = 0


def reels_of(folder: Path, last: int, budget: int = BUDGET, logged: Pictures | None = None) -> dict[str, Reel]:
    """Return the pictures of a run by their names, samples first.

    Args:
        folder: of the run; pictures are ``media/NAME-STEP.png`` and ``samples.png``.
        last: iteration of the run's end.
        budget: bytes for all of them; of each kind as many are left out as it takes, evenly.
        logged: that only a logger has.
    """
    files = _files(folder, last, logged or {})
    return {
        name: _reel(files[name], budget // len(files)) for name in sorted(files, key=lambda name: name != "samples")
    }


def spread(items: Sequence[tuple[int, Image]], most: int) -> list[tuple[int, Image]]:
    """Return at most ``most`` of them, evenly, with the first and the last.

    Example:
        >>> [at for at, _ in spread([(at, Path()) for at in range(9)], 3)]
        [0, 4, 8]
    """
    if len(items) <= most:
        return list(items)
    if most < 2:
        return [items[-1]]
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _files(folder: Path, last: int, logged: Mapping[str, Mapping[int, Image]]) -> dict[str, list[tuple[int, Image]]]:
    found = {name: dict(by_iteration) for name, by_iteration in logged.items()}
    for file in (folder / "media").glob("*.png"):
        named = NAME.fullmatch(file.name)
        if named:
            found.setdefault(named[1], {})[int(named[2]) + 1] = file  # loggers count batches from 0
    if (folder / LAST).is_file():
        samples = found.setdefault("samples", {})
        samples[max(last, *samples, 0)] = folder / LAST
    return {name: sorted(by_iteration.items()) for name, by_iteration in found.items()}


def _reel(files: Sequence[tuple[int, Image]], budget: int) -> Reel:
    chosen = spread(files, MOST)
    encoded = {file: _encoded(file) for _, file in chosen}
    readable = [(at, file) for at, file in chosen if encoded[file]]
    shown, size = readable, sum(len(encoded[file]) for _, file in readable)
    while size > budget and len(shown) > 1:
        shown = spread(readable, max(1, min(len(shown) - 1, len(shown) * budget // size)))
        size = sum(len(encoded[file]) for _, file in shown)
    frames = tuple(Frame(at, _uri(encoded[file])) for at, file in shown)
    return Reel(frames, len(files), len(chosen) - len(readable))


def _encoded(file: Image) -> bytes:
    """Return a picture as WebP; nothing if it is no picture, such as one of a run that was killed while it wrote."""
    import PIL.Image

    buffer = io.BytesIO()
    try:
        with PIL.Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as picture:
            small = picture.convert("RGB")
            small.thumbnail((SIDE, SIDE))
            small.save(buffer, "WEBP", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        return b""
    return buffer.getvalue()


def _uri(data: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(data).decode()
