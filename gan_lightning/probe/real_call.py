"""Which of a discriminator's calls judges the real batch, and with what other arguments."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_lightning.probe.inputs import first_samples, replaced, tensors_in


class Call(NamedTuple):
    """One call of a network.

    Args:
        samples: the first floating tensor among the arguments, (N, ...).
        args: positional arguments.
        kwargs: named arguments.
    """

    samples: Tensor
    args: Any
    kwargs: Any

    def on(self, x: Tensor) -> tuple[Any, Any]:
        """Return the arguments with ``x`` in the place of the samples, other floating tensors in its type."""

        def change(tensor: Tensor) -> Tensor:
            if tensor is self.samples:
                return x
            return tensor.detach().to(x.dtype) if tensor.is_floating_point() else tensor

        args, kwargs = replaced((self.args, self.kwargs), change)
        return args, kwargs


class RealCalls:
    """The calls of a discriminator on the real batch, known by the tensors' memory, else by their values.

    A tensor of the loader's batch is recognised if it shares memory with the samples (views, ``detach``), or holds
    the same values (copies, another memory format), also as the first or the last rows of a concatenated batch. What is
    rescaled, augmented or padded on its way to the discriminator is not.
    """

    def __init__(self) -> None:
        self._reals: list[Tensor] = []
        self.seen: list[str] = []
        """Shapes of the samples of all calls since ``forget``, for people."""
        self.real: list[Call] = []
        """Calls on real samples since ``forget``, restricted to these samples' rows."""

    def start(self, batch: Any) -> None:
        """Watch for the samples of a batch."""
        self._reals = [x for x in tensors_in(batch) if x.is_floating_point() and x.ndim > 0]
        self.forget()

    def forget(self) -> None:
        """Forget the calls so far, but not the batch."""
        self.seen, self.real = [], []

    def stop(self) -> None:
        """Let go of the batch and the calls."""
        self._reals = []
        self.forget()

    @property
    def expected(self) -> str:
        """Shapes of what is looked for, for people."""
        return ", ".join(str(tuple(real.shape)) for real in self._reals) or "no floating tensor"

    def look_at(self, args: Any, kwargs: Any) -> None:
        """Keep a call if its samples are, or contain, the real ones."""
        x = first_samples((args, kwargs))
        if x is None or not torch.is_grad_enabled():
            return
        self.seen.append(str(tuple(x.shape)))
        rows = next((rows for rows in (_rows_of(real, x) for real in self._reals) if rows is not None), None)
        if rows is None:
            return
        if rows == slice(0, len(x)):
            self.real.append(Call(x, args, kwargs))
            return
        part, total = x[rows].detach(), len(x)

        def cut(tensor: Tensor) -> Tensor:
            if tensor is x:
                return part
            return tensor[rows] if tensor.ndim and len(tensor) == total else tensor

        self.real.append(Call(part, *replaced((args, kwargs), cut)))


def _rows_of(real: Tensor, x: Tensor) -> slice | None:
    """Return which rows of ``x`` are the real samples; all, the first or the last."""
    n, total = len(real), len(x)
    if x.untyped_storage().data_ptr() == real.untyped_storage().data_ptr():
        return slice(0, total)
    if x.grad_fn is not None and total == n:  # made by a network
        return None
    if n == 0 or total < n or x.numel() * n != real.numel() * total:
        return None
    wanted = real.detach().to(x.dtype).reshape(n, -1)
    halves = [slice(0, total)] if total == n else [slice(0, n), slice(total - n, total)]
    return next((rows for rows in halves if torch.equal(x[rows].detach().reshape(n, -1), wanted)), None)
