"""A switch for the dropout of a network that is built and maybe training already."""

from torch import nn
from torch.nn.modules.dropout import _DropoutNd


def set_dropout(module: nn.Module, p: float) -> int:
    """Set the probability of every dropout layer in ``module`` and return how many there are.

    For one player at a time, as in ``set_dropout(gan.discriminator, 0.0)``, at any moment; it acts in training only.
    The layers must be there: networks built with ``dropout=0`` have none. The probability is no part of a checkpoint:
    set it again on resuming. A compiled network compiles anew for it.

    Args:
        module: a network.
        p: probability of dropping an activation, in [0, 1); 0 switches dropout off.

    Raises:
        ValueError: if ``p`` is out of range, or there is no dropout layer.

    Example:
        >>> set_dropout(nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1)), 0.0)
        1
    """
    if not 0 <= p < 1:
        raise ValueError(f"p is {p}, expected 0 <= p < 1: it is the probability that an activation is set to zero")
    layers = [part for part in module.modules() if isinstance(part, _DropoutNd)]
    if not layers:
        raise ValueError(
            f"{type(module).__name__} has no dropout layer to set: build it with dropout > 0, as in dropout=0.5"
        )
    for layer in layers:
        layer.p = p
    return len(layers)
