"""Seeing each call of a network, also ``network.forward(x)``, which no hook sees."""

from collections.abc import Callable
from typing import Any

from torch import nn

Look = Callable[[nn.Module, Any, Any, Any], None]
"""Takes a network, a call's positional and named arguments, and its output."""

_MISSING = object()


class Watch:
    """Reports the calls of a network, with the arguments that its caller gave, before hooks change them.

    The instance's entrance is replaced while the watch lasts: ``forward`` is in reach of both kinds of call, but
    hooks that come before have changed the samples there; so calls as a function are seen by hooks, and only the
    others at ``forward``. A network that is compiled in place is seen from outside of what is compiled, so that
    nothing is compiled anew.

    Args:
        network: whose calls are seen.
        look: is told of each call after it.
    """

    def __init__(self, network: nn.Module, look: Look) -> None:
        self._network, self._look = network, look
        self._calls: list[tuple[Any, Any]] = []
        self._handles: list[Any] = []
        self._entrance = "forward" if network._compiled_call_impl is None else "_compiled_call_impl"
        if self._entrance == "forward":
            self._handles = [
                network.register_forward_pre_hook(self._before, prepend=True, with_kwargs=True),
                network.register_forward_hook(self._after, with_kwargs=True),
            ]
        self._own = network.__dict__.get(self._entrance, _MISSING)
        inner = getattr(network, self._entrance)

        def entered(*args: Any, **kwargs: Any) -> Any:
            output = inner(*args, **kwargs)
            if not self._calls:
                self._look(network, args, kwargs, output)
            return output

        if not hasattr(network, "_orig_mod"):
            network.__dict__[self._entrance] = entered

    def close(self) -> None:
        """Leave the network as it was."""
        for handle in self._handles:
            handle.remove()
        if hasattr(self._network, "_orig_mod"):
            return
        if self._own is _MISSING:
            self._network.__dict__.pop(self._entrance, None)
        else:
            self._network.__dict__[self._entrance] = self._own

    def _before(self, network: nn.Module, args: Any, kwargs: Any) -> None:
        self._calls.append((args, kwargs))

    def _after(self, network: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        args, kwargs = self._calls.pop()
        self._look(network, args, kwargs, output)


def is_compiled(network: nn.Module) -> bool:
    """Tell whether a network, or a part of it, runs through ``torch.compile``."""
    return any(hasattr(part, "_orig_mod") or part._compiled_call_impl is not None for part in network.modules())
