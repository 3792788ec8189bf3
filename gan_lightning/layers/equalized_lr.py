"""Weights on one scale, so that an adaptive optimizer moves all layers at one speed.

Paper: Karras et al. 2018, "Progressive growing of GANs for improved quality, stability, and variation", section 4.1,
    https://arxiv.org/abs/1710.10196.
"""

from math import prod, sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized, register_parametrization

from gan_lightning.layers.weighted import LINEAR_AND_CONVOLUTIONS, TRANSPOSED, acts_on, layers_with_weight


def equalize(module: nn.Module, gain: float = sqrt(2.0)) -> int:
    """Draw all weights anew from N(0, 1) and scale them at run time to what He's initialisation draws; biases are 0.

    The layer computes with ``w * gain / sqrt(fan_in)``, where ``fan_in`` is how many inputs an output sees. Adam moves
    every parameter by about its learning rate, whatever the gradient's scale; on this scale it moves all of them by the
    same part of their size. For both players, with Adam and PixelNorm; learning rates then are larger than usual (the
    paper: 1e-3). Layers that have it already are left as they are. Not together with spectral normalisation, which
    takes the scale away again.

    Args:
        module: a network, or a part of it: call it for the output layer first, with ``gain=1``, and then for the whole.
        gain: sqrt(2) for rectifiers, as in the paper; 1 for a linear output.

    Returns:
        How many layers it was put on.

    Raises:
        ValueError: if there is no linear or convolutional layer, a weight has another parametrisation already, or
            ``gain`` is not positive.

    Example:
        >>> layer = nn.Linear(200, 8)
        >>> equalize(layer)
        1
        >>> layer.weight.equal(layer.parametrizations.weight.original * 0.1)  # sqrt(2 / 200)
        True
    """
    if not gain > 0:
        raise ValueError(f"gain is {gain}, expected a positive number: sqrt(2) for rectifiers, 1 for a linear layer")
    layers = layers_with_weight(module, LINEAR_AND_CONVOLUTIONS, "the equalized learning rate")
    bare = [layer for layer in layers if not acts_on(layer, _Scaled)]
    if any(is_parametrized(layer, "weight") for layer in bare):
        raise ValueError(
            f"a weight of {type(module).__name__} has another parametrisation already, such as spectral normalisation: "
            "build the network without it, or leave out the equalized learning rate"
        )
    for layer in bare:
        _equalize(layer, gain)
    return len(bare)


def _equalize(layer: Any, gain: float) -> None:
    with torch.no_grad():
        nn.init.normal_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    # Without a right inverse torch keeps the present weight as the parameter and scales it from now on.
    register_parametrization(layer, "weight", _Scaled(gain / sqrt(_fan_in(layer))), unsafe=True)


def _fan_in(layer: Any) -> float:
    if isinstance(layer, TRANSPOSED):  # (inputs, outputs / groups, kernel); an output sees 1 / stride of the kernel
        return float(layer.weight[:, 0].numel() / layer.groups / prod(layer.stride))
    return float(layer.weight[0].numel())


class _Scaled(nn.Module):
    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, weight: Tensor) -> Tensor:
        return weight * self.scale

    def extra_repr(self) -> str:
        return f"{self.scale:.4g}"
