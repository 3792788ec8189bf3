"""Looking at a network without leaving a trace in it or in the random state."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from lightning.pytorch.utilities.seed import isolate_rng
from torch import nn

from gan_lightning.functional import swapped


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Run in evaluation mode and without gradients; each submodule gets its own mode back."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:
            part.training = mode


@contextmanager
def seeded(seed: int | None, device: torch.device) -> Iterator[None]:
    """Draw from ``seed`` and put the random state back; None draws on from the state as it is."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


@contextmanager
def kept_random() -> Iterator[None]:
    """Put all random states back as they were, after an error too: ``isolate_rng`` alone leaves them where it fell."""
    states = isolate_rng()
    states.__enter__()
    try:
        yield
    finally:
        states.__exit__(None, None, None)


@contextmanager
def undisturbed(module: nn.Module) -> Iterator[None]:
    """Try a forward in training mode; buffers such as running means, and all random states, come back as they were.

    The forward sees copies of the buffers: what an earlier one has kept for its backward stays untouched.
    """
    copies = {buffer: buffer.clone() for buffer in module.buffers()}
    with swapped(module, copies), torch.no_grad(), kept_random():
        yield
