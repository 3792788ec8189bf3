"""Tensors within what a loader yields or a network is called with: nested lists, tuples, dicts and dataclasses."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
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
    if isinstance(data, Mapping):
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


def floats_of(data: Any) -> list[Tensor]:
    """Return the floating tensors of nested data that have rows; not sparse ones, which have no memory of their own."""
    return [x for x in tensors_in(data) if x.is_floating_point() and x.ndim > 0 and x.layout == torch.strided]


def samples_in(batch: Any) -> list[Tensor]:
    """Return the tensors of a loader's batch that may be samples: floating ones, and bytes, as images are stored."""
    found = (x for x in tensors_in(batch) if x.layout == torch.strided)
    return [x for x in found if (x.is_floating_point() and x.ndim > 0) or (x.dtype == torch.uint8 and x.ndim > 1)]


def rivals_of(x: Tensor, inputs: Any) -> list[Tensor]:
    """Return the other floating tensors of a call that are as likely samples as ``x``: as many, of as many axes."""
    others = [other for other in tensors_in(inputs) if other is not x and other.is_floating_point()]
    return [other for other in others if other.ndim >= x.ndim and len(other) == len(x)]


def batch_size_of(batch: Any) -> int:
    """Return how many samples a batch holds: the rows of its first tensor that has rows.

    Raises:
        ValueError: if it has none.
    """
    size = next((len(x) for x in tensors_in(batch) if x.ndim > 0), None)
    if size is None:
        raise ValueError(
            f"cannot count the samples of a batch that is a {type(batch).__name__} without tensors: let the loader "
            "yield tensors, also in lists, tuples, dicts or dataclasses"
        )
    return size


def replaced(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return nested data with each tensor changed."""
    return apply_to_collection(inputs, Tensor, change)
