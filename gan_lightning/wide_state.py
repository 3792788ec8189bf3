"""State that keeps its precision whatever the networks are converted to."""

from collections.abc import Callable
from typing import Any, Self

import torch
from lightning.pytorch import LightningModule
from torch import Tensor


class WideState(LightningModule):
    """A module whose own buffers stay in float32 at least when it becomes bfloat16 or float16.

    They hold the techniques' running means, which in 16 bits would stop moving. The networks' own are converted.
    """

    def move_mean(self, mean: Tensor, now: Tensor, share: float) -> None:
        """Let a running mean see a value; not one that overflowed with 16-mixed, whose update the scaler skips.

        Args:
            mean: moved in place.
            now: the value of this update.
            share: of the way to go, in [0, 1].
        """
        if getattr(self.trainer.precision_plugin, "scaler", None) is not None:
            now = torch.where(now.isfinite().all(), now, mean)
        mean.lerp_(now, share)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        kept = {name: buffer for name, buffer in self._buffers.items() if buffer is not None}
        result: Any = super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for name, before in kept.items():
            after = self._buffers[name]
            if after is not None and after.dtype in (torch.bfloat16, torch.float16) and before.dtype.itemsize > 2:
                self._buffers[name] = before.to(after.device)
        return result  # type: ignore[no-any-return]
