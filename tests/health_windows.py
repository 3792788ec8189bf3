"""Windows and histories made by hand, for tests of detectors."""

import torch
from torch import Tensor

from gan_lightning.health.history import History
from gan_lightning.health.reference import Reference
from gan_lightning.health.window import Window


def window(**tensors: Tensor) -> Window:
    """A window on normal data in two dimensions, where ``real`` and ``fake`` are not given."""
    reference = Reference.fit(torch.randn(1024, 2))
    given = {"real": torch.randn(256, 2), "fake": torch.randn(256, 2), **tensors}
    return Window(reference, 100, **given)


def past(every: int = 100, **values: list[float] | float) -> History:
    """A history of checks from the names' values, ``__`` for a slash; numbers hold at all checks."""
    length = max(len(each) for each in values.values() if isinstance(each, list))
    history = History()
    for check in range(length):
        now = {
            name.replace("__", "/"): float(each[check] if isinstance(each, list) else each)
            for name, each in values.items()
        }
        history.add((check + 1) * every, now)
    return history
