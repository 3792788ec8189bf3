"""What has to be mended before an old peer runs at all, and nothing else. ``peers_lineup`` says it in words."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def torchgan() -> None:
    """Let ``make_grid`` take ``range``, which is now ``value_range``."""
    import torchvision.utils

    make_grid = torchvision.utils.make_grid

    def with_range(*args: Any, range: Any = None, **kwargs: Any) -> Any:
        return make_grid(*args, value_range=range, **kwargs)

    torchvision.utils.make_grid = with_range


def mimicry() -> None:
    """Put empty modules where its import looks for what training does not use, and take them away again."""
    # These first, for they would take the empty module for TensorFlow.
    import torch.utils.tensorboard  # noqa: F401
    import torchvision  # noqa: F401

    absent = {name: ModuleType(name) for name in ("tensorflow", "skimage", "torch._six")}
    absent["skimage"].io = absent["torch._six"].PY3 = True  # type: ignore[attr-defined]
    sys.modules.update(absent)
    import torch_mimicry  # noqa: F401

    for name in absent:
        del sys.modules[name]


def vegans() -> None:
    """Give a loader's iterator its ``next`` again."""
    from torch.utils.data.dataloader import _BaseDataLoaderIter

    _BaseDataLoaderIter.next = _BaseDataLoaderIter.__next__  # type: ignore[attr-defined]


SHIMS: dict[str, Callable[[], None]] = {"torchgan": torchgan, "mimicry": mimicry, "vegans": vegans}
