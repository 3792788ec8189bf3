"""What goes wrong in watching costs the watching, and not the training.

Where ranks talk to each other, an error on one is raised all the same: the others would wait for it for ever.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

EARLY = 32
"""Batches that are looked at before an error is no longer raised: until then little work is lost, and it is told."""


class Sparing:
    """Turns errors of a monitor into a warning where they would end a training that has gone well so far.

    Args:
        wanted_by: whose errors these are, for people.
    """

    def __init__(self, wanted_by: str) -> None:
        self.wanted_by = wanted_by
        self._told: set[str] = set()

    @contextmanager
    def spared(self, doing: str, *, is_early: bool = False) -> Iterator[None]:
        """Raise what is raised within while it is early; later warn, once for each thing that is done."""
        try:
            yield
        except Exception as error:
            if is_early:
                raise
            self.tell(doing, f"could not {doing}: {type(error).__name__}: {error}")

    def tell(self, about: str, trouble: str) -> None:
        """Warn of some trouble, once."""
        if about not in self._told:
            self._told.add(about)
            warnings.warn(f"{self.wanted_by} {trouble} (training goes on; this is told once)", stacklevel=2)
