"""How fast a training step could be at best on this device: its operations and bytes, and what the device can do.

The floor of a step is the longer of two times: its floating-point operations at the rate of a large matrix product, and
the bytes that it moves at least at the rate of a large copy. Counted are the operations of matrix products and
convolutions, forwards, backwards and double backwards; and the bytes that no fusion of kernels can spare: each tensor
that is kept for a backward is written and read once, and Adam reads four and writes three numbers per weight. Peaks
are measured rather than looked up, in float32 as torch is set up (with or without TF32).
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import torch
from gpu_recipes import Recipe, raw
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

ADAM_NUMBERS = 7
"""Per weight and update: the weight, its gradient and two moments are read, all but the gradient are written."""


class Peaks(NamedTuple):
    """What the device can do: operations and bytes, each per second."""

    flops: float
    bandwidth: float


class Work(NamedTuple):
    """What an iteration takes at least: floating-point operations, and bytes moved."""

    flops: float
    bytes: float

    def seconds(self, peaks: Peaks) -> float:
        """Return the floor of an iteration."""
        return max(self.flops / peaks.flops, self.bytes / peaks.bandwidth)


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts floating-point operations by the formulas of ``FlopCounterMode``, which refuses double backwards."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        """Call an operator and add what it takes."""
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        if func.overloadpacket in flop_registry:
            self.total += flop_registry[func.overloadpacket](*args, **kwargs, out_val=output)
        return output


def synchronise(device: torch.device) -> None:
    """Wait for what the device was asked to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def measure_peaks(device: torch.device, side: int) -> Peaks:
    """Time a product of matrices and a copy.

    Args:
        device: what is measured.
        side: rows and columns of the matrices; the copy is of 16 such.
    """
    matrix = torch.randn(side, side, device=device)
    source = torch.randn(16 * side, side, device=device)
    target = torch.empty_like(source)
    product = _fastest(lambda: torch.mm(matrix, matrix), device)
    copy = _fastest(lambda: target.copy_(source), device)
    return Peaks(2 * side**3 / product, 2 * source.nbytes / copy)


def count_work(recipe: Recipe, batch: Tensor) -> Work:
    """Count what one iteration takes, on average over a turn of the generator, in the raw loop."""
    gan, device = recipe.build(), batch.device
    kept: dict[tuple[int, int], int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()  # a place that is used again counts once: a lower bound
        kept[storage.data_ptr(), tensor._version] = storage.nbytes()
        return tensor

    with Operations() as counter, saved_tensors_hooks(note, lambda tensor: tensor):
        raw(recipe, gan, [batch] * recipe.d_steps, device)
    weights_d, weights_g = (
        sum(p.nbytes for p in network.parameters()) for network in (gan.discriminator, gan.generator)
    )
    moved = 2 * sum(kept.values()) + ADAM_NUMBERS * (recipe.d_steps * weights_d + weights_g)
    return Work(counter.total / recipe.d_steps, moved / recipe.d_steps)


def _fastest(work: Callable[[], object], device: torch.device) -> float:
    times = []
    for _ in range(10):
        synchronise(device)
        before = perf_counter()
        work()
        synchronise(device)
        times.append(perf_counter() - before)
    return min(times)
