"""Class labels among what a network is called with."""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.probe.inputs import tensors_in


def classes_of(data: Any, rows: int) -> Tensor | None:
    """Return the first integers (N,) or one-hot rows (N, K) of nested data, as classes (N,); None if there are none.

    Example:
        >>> classes_of((torch.zeros(2, 3), {"label": torch.tensor([4, 1])}), 2)
        tensor([4, 1])
        >>> classes_of(torch.tensor([[0.0, 1.0], [1.0, 0.0]]), 2)
        tensor([1, 0])
    """
    of_length = [x.detach() for x in tensors_in(data) if x.ndim and len(x) == rows]
    integers = (x for x in of_length if not x.is_floating_point() and not x.is_complex() and x.dtype is not torch.bool)
    found = next((x.reshape(rows) for x in integers if x.numel() == rows), None)
    if found is not None:
        return found
    return next((x.argmax(1) for x in of_length if _is_one_hot(x)), None)


def _is_one_hot(x: Tensor) -> bool:
    if x.ndim != 2 or x.shape[1] < 2:
        return False
    return bool(((x == 0) | (x == 1)).all() & (x.sum(1) == 1).all())
