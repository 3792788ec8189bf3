"""One batch as both players share it, and how it is read from what a loader yields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass
class Batch:
    """One batch as the players share it.

    Args:
        real: real samples, (N, ...).
        label: their classes, (N,), or None.
        fake: the samples that the discriminator's update saw, with the graph to the generator, for the generator's
            update to take; None if there are none to share.
        z: the latents of ``fake``, (N, Z).
    """

    real: Tensor
    label: Tensor | None
    fake: Tensor | None = None
    z: Tensor | None = None

    def take_fake(self) -> tuple[Tensor, Tensor] | None:
        """Hand out the shared fakes and their latents; a graph serves one backward, so they are gone afterwards."""
        taken = None if self.fake is None or self.z is None else (self.z, self.fake)
        self.fake = self.z = None
        return taken

    def split(self, parts: int) -> Iterator["Batch"]:
        """Yield ``parts`` micro-batches of equal size.

        Raises:
            ValueError: if the batch cannot be split evenly.
        """
        if parts == 1:
            yield self
            return
        if len(self.real) % parts:
            raise ValueError(
                f"a batch of {len(self.real)} cannot be split into {parts} micro-batches of one size: "
                "choose a batch_size that micro_batches_d and micro_batches_g divide"
            )
        labels = [None] * parts if self.label is None else self.label.chunk(parts)
        for real, label in zip(self.real.chunk(parts), labels, strict=True):
            yield Batch(real, label)


def read_batch(batch: Any, labelled: bool) -> Batch:
    """Read samples, and labels if the networks are told of them, from what the loader yields.

    Args:
        batch: samples (N, ...), or a list or tuple of samples and labels (N,).
        labelled: whether the labels are wanted.

    Raises:
        TypeError: if the batch is something else.
        ValueError: if labels are wanted and there are none.
    """
    if isinstance(batch, Tensor):
        real, label = batch, None
    elif isinstance(batch, list | tuple) and 1 <= len(batch) <= 2 and all(isinstance(x, Tensor) for x in batch):
        real, label = batch[0], batch[1] if len(batch) == 2 else None
    else:
        raise TypeError(
            f"the loader yields {_kind(batch)}, expected samples as a tensor, or [samples, labels]: "
            "wrap the data set so that it returns one of these"
        )
    if not labelled:
        return Batch(real, None)
    if label is None:
        raise ValueError(
            "the networks take labels (num_classes > 0), but the loader yields samples only: yield [samples, labels] "
            "(labels=True in the data modules), or set num_classes=0"
        )
    return Batch(real, label if label.is_floating_point() else label.long())


def _kind(batch: Any) -> str:
    if isinstance(batch, list | tuple):
        return f"{type(batch).__name__} of ({', '.join(type(x).__name__ for x in batch)})"
    return type(batch).__name__
