"""Copies of nested training state that share no memory with it."""

from copy import deepcopy
from typing import Any

from torch import Tensor


def copied(value: Any) -> Any:
    """Return nested data with its tensors on the CPU, detached; nothing in it is shared with ``value``.

    Example:
        >>> import torch
        >>> copied({"step": torch.ones(2), "lr": [0.1]})
        {'step': tensor([1., 1.]), 'lr': [0.1]}
    """
    if isinstance(value, Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(copied(item) for item in value)
    return deepcopy(value)
