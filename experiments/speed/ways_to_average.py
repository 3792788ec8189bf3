"""Ways in which an update's gradients become their mean over the ranks; ``overlap.py`` compares them."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from torch import Tensor

from gan_lightning.distributed.average_gradients import Sent, average_gradients, buckets_of

MEGABYTE = 1024 * 1024


class Average(Protocol):
    """How an update's gradients become their mean over the ranks."""

    def before_last_backward(self) -> None:
        """Prepare."""

    def finish(self) -> None:
        """Return when all gradients are averaged."""


class Nothing:
    """Leave each rank its own gradients."""

    def before_last_backward(self) -> None: ...

    def finish(self) -> None: ...


class Ours(Nothing):
    """Call ``average_gradients`` when the backward is done."""

    def __init__(self, params: list[Tensor]) -> None:
        self._params = params

    def finish(self) -> None:
        average_gradients(self._params)


class OneByOne(Nothing):
    """Send a bucket when the backward is done, wait, and send the next."""

    def __init__(self, params: list[Tensor], megabytes: int) -> None:
        self._buckets = list(buckets_of(params, megabytes * MEGABYTE))

    def finish(self) -> None:
        for bucket in self._buckets:
            Sent(gradients_of(bucket)).arrive()


class Overlapped(Nothing):
    """Send a bucket as soon as the last backward of the update has made all of its gradients.

    Buckets start in one order on all ranks. A parameter without a gradient holds its bucket, and those after it, back
    until the end.
    """

    def __init__(self, params: list[Tensor], megabytes: int) -> None:
        self._buckets = list(buckets_of(params[::-1], megabytes * MEGABYTE))
        self._sent: list[Sent] = []
        self._missing: list[int] = []
        for position, bucket in enumerate(self._buckets):
            for p in bucket:
                p.register_post_accumulate_grad_hook(partial(self._made, position))  # type: ignore[no-untyped-call]

    def before_last_backward(self) -> None:
        self._missing = [len(bucket) for bucket in self._buckets]

    def finish(self) -> None:
        self._sent += [Sent(gradients_of(bucket)) for bucket in self._buckets[len(self._sent) :]]
        for bucket in self._sent:
            bucket.arrive()
        self._sent, self._missing = [], []

    def _made(self, position: int, _: Tensor) -> None:
        if not self._missing:
            return
        self._missing[position] -= 1
        while len(self._sent) < len(self._buckets) and self._missing[len(self._sent)] == 0:
            self._sent.append(Sent(gradients_of(self._buckets[len(self._sent)])))


def gradients_of(params: list[Tensor]) -> list[Tensor]:
    """Return the gradients that there are."""
    return [p.grad for p in params if p.grad is not None]


WAYS: dict[str, Callable[[list[Tensor]], Average]] = {
    "none": lambda params: Nothing(),
    "ours": Ours,
    "one": partial(OneByOne, megabytes=10_000),
    "one by one": partial(OneByOne, megabytes=8),
    "overlap 2": partial(Overlapped, megabytes=2),
    "overlap 8": partial(Overlapped, megabytes=8),
    "overlap 25": partial(Overlapped, megabytes=25),
}
