"""One logit per sample from whatever a discriminator returns."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def opinion_of(output: Any, rows: int) -> Tensor | None:
    """Return the logits of ``rows`` samples, (N,): the mean over patches and scales; None if there are none.

    Logits are a tensor with as many rows; the first item of a tuple, or the first that has one channel, so that it
    may be among features; the entry "logits" of a dict, or its only one; of a list of scales all of them, and of a
    list of features the last.

    Example:
        >>> patches = torch.ones(4, 1, 3, 3)
        >>> opinion_of([(patches, "features"), (3 * patches, "features")], 4)
        tensor([2., 2., 2., 2.])
    """
    if isinstance(output, Tensor):
        return _per_sample(output, rows)
    if isinstance(output, Mapping):
        only = next(iter(output.values())) if len(output) == 1 else None
        return opinion_of(output.get("logits", only), rows)
    if isinstance(output, tuple):
        return _of_tuple(output, rows)
    if isinstance(output, list):
        return _of_scales(output, rows)
    return None


def opinions_of_pair(output: Any, rows: int) -> tuple[Tensor, Tensor] | None:
    """Return the logits of both halves of ``network(real, fake)``, which returns those of each; None if it does not."""
    if not isinstance(output, tuple | list) or len(output) < 2:
        return None
    first, second = opinion_of(output[0], rows), opinion_of(output[1], rows)
    return None if first is None or second is None else (first, second)


def _per_sample(output: Tensor, rows: int) -> Tensor | None:
    if not output.is_floating_point() or output.ndim == 0 or rows == 0 or len(output) % rows:
        return None
    return output.float().reshape(rows, -1).mean(1)


def _looks_like_logits(item: Any, rows: int) -> bool:
    is_float = isinstance(item, Tensor) and item.is_floating_point() and item.ndim > 0
    return is_float and len(item) == rows and (item.ndim == 1 or item.shape[1] == 1)


def _of_tuple(output: Sequence[Any], rows: int) -> Tensor | None:
    likely = [item for item in output if _looks_like_logits(item, rows)]
    if not output or (likely and isinstance(output[0], Tensor)):
        return opinion_of(likely[0], rows) if likely else None
    return next((found for item in output if (found := opinion_of(item, rows)) is not None), None)


def _of_scales(output: list[Any], rows: int) -> Tensor | None:
    tensors = [item for item in output if isinstance(item, Tensor)]
    if len(tensors) == len(output) > 1 and not all(_looks_like_logits(item, rows) for item in tensors[:-1]):
        return opinion_of(output[-1], rows)
    found = [opinion for item in output if (opinion := opinion_of(item, rows)) is not None]
    return torch.stack(found).mean(0) if found else None
