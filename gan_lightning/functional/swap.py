"""Other tensors in the place of a network's parameters and buffers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from torch import Tensor, nn


@contextmanager
def swapped(module: nn.Module, exchange: Mapping[Tensor, Tensor]) -> Iterator[None]:
    """Within this context the module computes with other tensors; then it has its own again, whatever happened.

    ``torch.func.functional_call`` does so for one call; this does it for all calls on the way, and for parts of a
    module that is never called itself.

    Args:
        module: any; a tensor that it uses in several places is exchanged in all of them.
        exchange: its parameters and buffers, and what takes their places, in the same shapes.

    Example:
        >>> import torch
        >>> layer = nn.Linear(1, 1, bias=False)
        >>> with swapped(layer, {layer.weight: torch.tensor([[3.0]])}):
        ...     layer(torch.ones(1)).item()
        3.0
    """
    slots: list[dict[str, Tensor | None]] = []
    for part in module.modules():
        slots += [part._parameters, part._buffers]  # type: ignore[list-item]
    places = [(slot, name, own) for slot in slots for name, own in slot.items() if own is not None and own in exchange]
    try:
        for slot, name, own in places:
            slot[name] = exchange[own]
        yield
    finally:
        for slot, name, own in places:
            slot[name] = own
