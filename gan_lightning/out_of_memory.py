"""What helps when the memory does not suffice, told with the error."""

import inspect
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from gan_lightning.module import AdversarialModule


class MemoryAdvice:
    """Within this context an error for want of memory says which settings need less; it stays the error it is.

    Args:
        gan: the module that trains.
        real: this rank's samples, (N, ...).
    """

    __slots__ = ("_gan", "_real")

    def __init__(self, gan: "AdversarialModule", real: Tensor) -> None:
        self._gan, self._real = gan, real

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, torch.OutOfMemoryError):
            error.add_note(_advice(self._gan, len(self._real)))


def _advice(gan: "AdversarialModule", num_samples: int) -> str:
    text = (
        f"{type(gan).__name__} ran out of memory at iteration {gan.iteration} on a batch of {num_samples}: lower "
        f"batch_size, or raise micro_batches_d={gan.micro_batches_d} and micro_batches_g={gan.micro_batches_g}, which "
        "split a batch into parts"
    )
    lazy = _at_intervals(gan)
    if not lazy:
        return text
    return text + (
        f". At this iteration it has more to do, for {' and '.join(lazy)}: second derivatives take the most memory, "
        "and FiniteDifferencePenalty needs none"
    )


def _at_intervals(gan: "AdversarialModule") -> list[str]:
    """Name the techniques that act each ``..._every``-th iteration and act at this one."""
    found = []
    for cls in type(gan).__mro__:
        for name in inspect.signature(vars(cls)["__init__"]).parameters if "__init__" in vars(cls) else ():
            every = getattr(gan, name, None)
            if name.endswith("_every") and isinstance(every, int) and gan.iteration % every == 0:
                found.append(f"{cls.__name__} ({name}={every})")
    return found
