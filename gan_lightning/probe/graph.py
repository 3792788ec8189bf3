"""Where an autograd graph leads back to."""

from collections import deque
from collections.abc import Container, Iterator, Sequence
from typing import Any

from torch import nn

MOST_NODES = 8192
"""Of a graph that is searched; what lies beyond is not found."""


def ancestors(start: Any, stop: Container[Any] = ()) -> Iterator[Any]:
    """Yield the nodes that a gradient reaches from ``start`` on, the nearest first; not those beyond ``stop``.

    Example:
        >>> import torch
        >>> x = torch.ones(2, requires_grad=True)
        >>> [type(node).__name__ for node in ancestors((2 * x).sum().grad_fn)]
        ['SumBackward0', 'MulBackward0', 'AccumulateGrad']
    """
    queue = deque([start] if start is not None else [])
    seen = set(queue)
    while queue and len(seen) < MOST_NODES:
        node = queue.popleft()
        yield node
        if node not in stop:
            fresh = {each for each, _ in node.next_functions if each is not None} - seen
            seen |= fresh
            queue.extend(fresh)


def reaches(start: Any, parameters: Sequence[nn.Parameter]) -> bool:
    """Tell whether a gradient gets to one of the parameters."""
    wanted = {id(p) for p in parameters}
    return any(id(getattr(node, "variable", None)) in wanted for node in ancestors(start))
