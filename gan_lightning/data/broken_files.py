"""Image files that cannot be read: who takes their place, and who is told."""

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

LARGEST_SHARE = 0.1
"""Of the files, that may be broken before the data set itself is taken for broken."""

SUBSTITUTES = 8
"""Files that are tried in the place of a broken one."""


def in_its_place(index: int, classes: Sequence[int] | None, num_files: int) -> list[int]:
    """Return a file and those that stand in for it, in order: the next ones of its class, around the end.

    Args:
        index: of the file.
        classes: the class of each file, or None.
        num_files: how many there are.

    Example:
        >>> in_its_place(2, [0, 1, 0, 0], 4)
        [2, 3, 0]
    """
    alike = range(num_files) if classes is None else [k for k in range(num_files) if classes[k] == classes[index]]
    here = alike.index(index)
    return [alike[(here + step) % len(alike)] for step in range(min(1 + SUBSTITUTES, len(alike)))]


class BrokenFiles:
    """The files that could not be read so far. It warns of the first at once, and of all at the end of a pass.

    Args:
        files: all there are.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files
        self.found: dict[int, str] = {}
        """What is wrong with each, by its index."""
        self._num_told = 0

    def add(self, troubles: Iterable[tuple[int, str]]) -> None:
        """Take in what was found while a batch was read.

        Raises:
            ValueError: if more than a tenth of the files are broken.
        """
        self.found |= dict(troubles)
        if len(self.found) > LARGEST_SHARE * len(self.files):
            raise ValueError(
                f"{self._in_words()}; that is more than a tenth: mend the data set, or take them out of it"
            )
        if self.found and not self._num_told:
            self._num_told = 1
            trouble = next(iter(self.found.values()))
            warnings.warn(f"{trouble}; another image of its class takes its place", stacklevel=2)

    def tell(self) -> None:
        """Say how many there are, if there are more than were told of."""
        if len(self.found) > self._num_told:
            self._num_told = len(self.found)
            warnings.warn(f"{self._in_words()}; others of their class take their places", stacklevel=2)

    def _in_words(self) -> str:
        named = [str(self.files[index]) for index in sorted(self.found)[:5]]
        more = ", ..." if len(self.found) > len(named) else ""
        return f"{len(self.found)} of the {len(self.files)} images cannot be read ({', '.join(named)}{more})"
