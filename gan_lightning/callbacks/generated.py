"""Where the generated samples of an evaluation come from: a method, a function, or the generator's own past inputs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from inspect import signature
from operator import attrgetter
from typing import Any

from lightning.pytorch import LightningModule
from torch import Tensor, nn

from gan_lightning.isolation import evaluating, seeded
from gan_lightning.probe import find_called, first_samples, replaced, tensors_in

Sample = str | Callable[[Any, int], Tensor]
FEW = 8
LARGEST = 2**24
"""Bytes of inputs that a checkpoint may hold; beyond, a resumed run records others."""


class Sampled:
    """Asks a module for samples, part by part, so that ranks make together what one process makes.

    Args:
        module: that is asked, in evaluation mode.
        draw: takes a number of samples and a seed.
        size: samples per part.
        seed: of all.
    """

    def __init__(self, module: LightningModule, draw: Callable[[int, int], Tensor], size: int, seed: int) -> None:
        self.module, self.draw, self.size, self.seed = module, draw, size, seed

    def ready(self) -> bool:
        return True

    def check(self, num: int, ranks: int) -> None:
        """Refuse so few samples that a rank would make none."""
        if -(-num // self.size) < ranks:
            raise ValueError(
                f"{num} samples in parts of {self.size} are too few for {ranks} ranks: lower batch_size, or raise "
                "num_samples"
            )

    def some(self) -> Tensor:
        """Return a few samples, to try things with."""
        return self._part(FEW, 0)

    def batches(self, num: int, rank: int, ranks: int) -> Iterator[Tensor]:
        parts = -(-num // self.size)
        begin, end = (parts * each // ranks for each in (rank, rank + 1))
        for turn in range(-(-parts // ranks)):  # as many on all ranks, for a sharded generator needs them all
            part = min(begin + turn, end - 1)
            samples = self._part(min(self.size, num - part * self.size), part)
            if begin + turn < end:
                yield samples

    def _part(self, n: int, part: int) -> Tensor:
        with evaluating(self.module):
            samples = self.draw(n, (self.seed << 20) + part)
        if not isinstance(samples, Tensor) or len(samples) != n:
            made = tuple(samples.shape) if isinstance(samples, Tensor) else f"a {type(samples).__name__}"
            raise ValueError(f"asked for {n} samples, got {made}: let sample return a tensor ({n}, ...)")
        return samples


class Replayed:
    """Gives a generator the inputs that it got in the first batches of training, whatever these are.

    Args:
        network: the generator.
        need: samples that this rank has to make.
        context: in which it is called, as in training: what it got under autocast does not suit its own precision.
    """

    def __init__(self, network: nn.Module, need: int, context: Callable[[], AbstractContextManager[Any]]) -> None:
        self.network, self.need, self.context = network, need, context
        self.calls: list[tuple[int, Any]] = []
        self._handle: Any = None

    @property
    def count(self) -> int:
        """Samples that the inputs make."""
        return sum(rows for rows, _ in self.calls)

    def ready(self) -> bool:
        return self.count >= self.need

    def check(self, num: int, ranks: int) -> None:
        """All ranks have inputs."""

    def some(self) -> Tensor:
        """Return the samples of the first inputs, to try things with."""
        if not self.calls:
            raise ValueError(
                f"the {type(self.network).__name__} was not called in the first batch: name another generator, "
                "generator='path.to.it', or say what makes samples, sample='method'"
            )
        return self._again(self.calls[0][1])

    def listen(self) -> None:
        """Keep the inputs of the next call."""
        self.leave()
        if not self.ready():
            self._handle = self.network.register_forward_hook(self._keep, with_kwargs=True)

    def leave(self) -> None:
        """Keep no more."""
        if self._handle is not None:
            self._handle.remove()
        self._handle = None

    def _keep(self, network: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        samples = first_samples(output)
        if samples is not None:
            self.calls.append((len(samples), replaced((args, kwargs), lambda x: x.detach().cpu().clone())))
            self.leave()

    def batches(self, num: int, rank: int, ranks: int) -> Iterator[Tensor]:
        count = 0
        for rows, inputs in self.calls:
            if count < self.need:
                yield self._again(inputs)[: self.need - count]
            count += rows

    def _again(self, inputs: Any) -> Tensor:
        device = next(self.network.parameters()).device
        args, kwargs = replaced(inputs, lambda x: x.to(device))
        with evaluating(self.network), seeded(0, device), self.context():
            samples = first_samples(self.network(*args, **kwargs))
        assert samples is not None
        return samples

    def state(self) -> Any:
        """Return what a checkpoint may hold; None if that is too much, or no plain data."""
        size = sum(x.numel() * x.element_size() for x in tensors_in(self.calls))
        return self.calls if size <= LARGEST and _is_plain(self.calls) else None


def generated_by(
    module: LightningModule, sample: Sample | None, generator: str | None, size: int, seed: int, need: int
) -> Sampled | Replayed:
    """Return where samples come from.

    Raises:
        ValueError: if a generator has to be found, and is not.
        TypeError: if the module has no such method.
    """
    if sample is None and generator is None and _takes_seed(getattr(module, "sample", None)):
        return Sampled(module, lambda n, at: module.sample(n, seed=at), size, seed)  # type: ignore[operator]
    if sample is None:
        context = module.trainer.precision_plugin.forward_context
        return Replayed(find_called(module, generator, "generator"), need, context)
    ask = _method(module, sample) if isinstance(sample, str) else lambda n: sample(module, n)

    def draw(n: int, at: int) -> Tensor:
        with seeded(at, module.device):
            samples: Tensor = ask(n)
        return samples

    return Sampled(module, draw, size, seed)


def _method(module: LightningModule, path: str) -> Callable[[int], Tensor]:
    try:
        found: Any = attrgetter(path)(module)
    except AttributeError:
        found = None
    if not callable(found):
        raise TypeError(f"{type(module).__name__} has no method {path!r}, set as sample: name one that takes a number")
    method: Callable[[int], Tensor] = found
    return method


def _takes_seed(method: Any) -> bool:
    try:
        signature(method).bind(1, seed=0)
    except (TypeError, ValueError):
        return False
    return True


def _is_plain(data: Any) -> bool:
    if isinstance(data, dict):
        return all(map(_is_plain, data.values()))
    if isinstance(data, list | tuple):
        return type(data) in (list, tuple) and all(map(_is_plain, data))
    return data is None or isinstance(data, Tensor | bool | int | float | str)
