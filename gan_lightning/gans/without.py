"""Networks that lack one of the options which recipes share."""

from collections.abc import Callable
from typing import Any

from torch import nn


def without(network: Callable[..., nn.Module], **options: Any) -> Callable[..., nn.Module]:
    """Return a builder of ``network`` that takes these options, and refuses them unless they say "none".

    Args:
        network: a class or function that builds a network.
        options: names of options that it does not have, with the values that mean "none".

    Example:
        >>> without(nn.Linear, norm="none")(2, 3, norm="none")
        Linear(in_features=2, out_features=3, bias=True)
    """

    def build(*args: Any, **settings: Any) -> nn.Module:
        for name, none in options.items():
            value = settings.pop(name, none)
            if value != none:
                who = getattr(network, "__name__", "the network")
                raise ValueError(f"{who} has no {name}, got {name}={value!r}: leave it at {none!r}")
        return network(*args, **settings)

    return build
