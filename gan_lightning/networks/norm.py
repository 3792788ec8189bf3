"""The choice of normalisation that the networks share.

Paper: batch: Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167. layer: Ba et al. 2016, section 3,
    https://arxiv.org/abs/1607.06450. spectral: Miyato et al. 2018, section 2.1, https://arxiv.org/abs/1802.05957.
Differs: layer normalisation of feature maps has one gain and bias per channel (a group norm with one group), not one
    per channel and pixel, so that it does not depend on the size of the image.
"""

from typing import Literal, TypeVar, get_args

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

Norm = Literal["none", "batch", "layer", "spectral"]
"""``batch`` and ``layer`` normalise activations; ``spectral`` divides weights by their largest singular value."""

_Layer = TypeVar("_Layer", bound=nn.Module)


def check_norm(norm: str) -> None:
    """Raise ``ValueError`` with the valid names unless ``norm`` is one."""
    if norm not in get_args(Norm):
        raise ValueError(f"norm is {norm!r}, expected one of {', '.join(get_args(Norm))}")


def has_shift(norm: Norm) -> bool:
    """Tell whether a normalisation with a bias of its own follows the layer, whose own bias would then do nothing."""
    return norm in ("batch", "layer")


def with_weight_norm(layer: _Layer, norm: Norm) -> _Layer:
    """Return ``layer``, under spectral normalisation if that is the norm.

    The power iteration starts from the weights that the layer has now: initialise them first.

    Args:
        layer: a linear or (transposed) convolutional layer.
        norm: the network's normalisation.

    Example:
        >>> layer = with_weight_norm(nn.Linear(4, 1), "spectral")  # one row: its norm is the one singular value
        >>> round(layer.weight.norm().item(), 4)
        1.0
    """
    if norm == "spectral":
        spectral_norm(layer)  # in place
    return layer


def activation_norm(norm: Norm, num_features: int, *, spatial: bool) -> list[nn.Module]:
    """Return the modules that normalise a layer's output: one, or none for ``none`` and ``spectral``.

    Args:
        norm: the network's normalisation.
        num_features: features or channels of the output.
        spatial: the output is (N, C, H, W) rather than (N, F).

    Example:
        >>> [type(module).__name__ for module in activation_norm("layer", 8, spatial=True)]
        ['GroupNorm']
    """
    if norm == "batch":
        return [nn.BatchNorm2d(num_features) if spatial else nn.BatchNorm1d(num_features)]
    if norm == "layer":
        return [nn.GroupNorm(1, num_features) if spatial else nn.LayerNorm(num_features)]
    return []
