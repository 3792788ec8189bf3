"""The choice of what a discriminator's last layer is told of the whole batch."""

from typing import Literal, get_args

from torch import nn

from gan_lightning.layers.minibatch_discrimination import MinibatchDiscrimination
from gan_lightning.layers.minibatch_stddev import MinibatchStdDev

Minibatch = Literal["none", "discrimination", "stddev"]
"""``discrimination``: Salimans et al. 2016; ``stddev``: Karras et al. 2018."""


def check_minibatch(minibatch: str) -> None:
    """Raise ``ValueError`` with the valid names unless ``minibatch`` is one."""
    if minibatch not in get_args(Minibatch):
        raise ValueError(f"minibatch is {minibatch!r}, expected one of {', '.join(get_args(Minibatch))}")


def minibatch_layer(minibatch: Minibatch, num_features: int) -> tuple[nn.Module | None, int]:
    """Return what goes before the output layer, or None, and the number of features that then reach that layer.

    Args:
        minibatch: the network's choice.
        num_features: features of one sample.

    Example:
        >>> minibatch_layer("stddev", 128)
        (MinibatchStdDev(group_size=4), 129)
        >>> minibatch_layer("none", 128)
        (None, 128)
    """
    if minibatch == "discrimination":
        layer = MinibatchDiscrimination(num_features)
        return layer, layer.out_features
    if minibatch == "stddev":
        return MinibatchStdDev(), num_features + 1
    return None, num_features
