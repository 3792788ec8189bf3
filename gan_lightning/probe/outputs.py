"""The logits within what someone's discriminator returns."""

from typing import Any

from torch import Tensor


def logits_of(output: Any) -> Tensor:
    """Return the logits, in the shape that the discriminator gave them.

    They are the output itself, the first item of a tuple (so of a ``Critique``), the entry "logits" of a dict, or the
    only item of a list or dict.

    Raises:
        TypeError: if the output is something else, such as a list of several scales.

    Example:
        >>> import torch
        >>> logits_of((torch.zeros(4, 1), "features")).shape
        torch.Size([4, 1])
    """
    found = output
    if isinstance(output, tuple) and output:
        found = output[0]
    elif isinstance(output, dict):
        found = output.get("logits", next(iter(output.values())) if len(output) == 1 else None)
    elif isinstance(output, list) and len(output) == 1:
        found = output[0]
    if not isinstance(found, Tensor):
        raise TypeError(
            f"cannot tell the logits in the discriminator's output, a {type(output).__name__}{_of_what(output)}: "
            'expected a tensor, a tuple that starts with the logits, or a dict with "logits"; if it is several '
            "discriminators in one, name one of them, such as discriminator='mpd.discriminators.0'"
        )
    return found


def _of_what(output: Any) -> str:
    kinds = dict.fromkeys(type(part).__name__ for part in output) if isinstance(output, list | tuple) else {}
    return f" of {' and '.join(kinds)}" if kinds else ""
