"""What goes wrong in one logger costs that logger's entry, and not the training, nor the other loggers."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

_TOLD: "WeakSet[Any]" = WeakSet()


@contextmanager
def spared(logger: Any, doing: str) -> Iterator[None]:
    """Warn, once for each logger, of what is raised within: a dashboard may be away for a while.

    Args:
        logger: that is asked.
        doing: what it is to do, for people.
    """
    try:
        yield
    except Exception as error:
        if logger not in _TOLD:
            _TOLD.add(logger)
            warnings.warn(
                f"{type(logger).__name__} could not {doing}: {type(error).__name__}: {error} (training goes on; this "
                "is told once)",
                stacklevel=3,
            )
