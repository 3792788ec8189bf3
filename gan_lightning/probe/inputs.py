"""Tensors within what a loader yields or a network is called with: nested lists, tuples, dicts and dataclasses."""

from collections.abc import Callable, Iterator
from typing import Any

from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor


def tensors_in(data: Any) -> Iterator[Tensor]:
    """Yield the tensors of nested lists, tuples, dicts and dataclasses, in order.

    Example:
        >>> import torch
        >>> len(list(tensors_in({"image": torch.zeros(2), "meta": ["name", (torch.zeros(1),)]})))
        2
    """
    if isinstance(data, Tensor):
        yield data
        return
    if isinstance(data, dict):
        data = data.values()
    elif hasattr(data, "__dataclass_fields__"):
        data = [getattr(data, name) for name in data.__dataclass_fields__]
    elif not isinstance(data, list | tuple):
        return
    for item in data:
        yield from tensors_in(item)


def first_samples(inputs: Any) -> Tensor | None:
    """Return the first floating tensor of a call's ``(args, kwargs)`` that can hold samples, or None."""
    return next((x for x in tensors_in(inputs) if x.is_floating_point() and x.ndim > 0), None)


def replaced(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return nested data with each tensor changed."""
    return apply_to_collection(inputs, Tensor, change)
