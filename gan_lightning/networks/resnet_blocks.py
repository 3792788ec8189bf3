"""The residual blocks of SNGAN: two 3 x 3 convolutions before whose activation one normalises, and a shortcut.

Paper: Miyato et al. 2018, figure 9 and appendix B.4, https://arxiv.org/abs/1802.05957.
"""

from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor, nn

from gan_lightning.layers import ConditionalBatchNorm2d
from gan_lightning.networks.norm import Norm, activation_norm, with_weight_norm

_Layer = TypeVar("_Layer", bound=nn.Linear | nn.Conv2d)

RELU_GAIN = 2**0.5


class Up(nn.Module):
    """Double the resolution: ``conv(relu(norm(conv(up(relu(norm(x))))))) + conv1x1(up(x))``.

    Args:
        inputs: channels of x.
        outputs: channels of the result.
        norm: normalisation.
        num_classes: classes with a gain and bias each, 0 for none; only with ``norm="batch"``.

    Example:
        >>> import torch
        >>> Up(4, 2, "batch", 0)(torch.randn(3, 4, 8, 8), None).shape
        torch.Size([3, 2, 16, 16])
    """

    def __init__(self, inputs: int, outputs: int, norm: Norm, num_classes: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = (normalised_by(norm, channels, num_classes) for channels in (inputs, outputs))
        self.conv1, self.conv2 = _conv3(inputs, outputs, norm), _conv3(outputs, outputs, norm)
        self.shortcut = _conv1(inputs, outputs, norm)

    def forward(self, x: Tensor, label: Tensor | None) -> Tensor:
        """Return (N, outputs, 2 H, 2 W) for x (N, inputs, H, W) and labels (N,) or None."""
        inner = self.conv1(_doubled(F.relu(normalise(self.norm1, x, label))))
        inner = self.conv2(F.relu(normalise(self.norm2, inner, label)))
        # A 1 x 1 convolution commutes with the copying of pixels, and is four times as fast before it.
        result: Tensor = inner + _doubled(self.shortcut(x))
        return result


class Same(nn.Module):
    """Keep the resolution: ``conv(relu(norm(conv(relu(norm(x)))))) + x``, with conv1x1(x) where the channels change.

    Example:
        >>> import torch
        >>> Same(4, 4, "spectral")(torch.randn(3, 4, 8, 8)).shape
        torch.Size([3, 4, 8, 8])
    """

    def __init__(self, inputs: int, outputs: int, norm: Norm) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            *activation_norm(norm, inputs, spatial=True), nn.ReLU(), _conv3(inputs, outputs, norm),
            *activation_norm(norm, outputs, spatial=True), nn.ReLU(), _conv3(outputs, outputs, norm),
        )  # fmt: skip
        self.shortcut = nn.Identity() if inputs == outputs else _conv1(inputs, outputs, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, H, W) for x (N, inputs, H, W)."""
        result: Tensor = self.inner(x) + self.shortcut(x)
        return result


class Down(nn.Module):
    """Halve the resolution: ``pool(conv(relu(norm(conv(relu(norm(x))))))) + conv1x1(pool(x))``, pool a 2 x 2 mean.

    Args:
        inputs: channels of x.
        outputs: channels of the result.
        norm: normalisation.
        first: x are images: they are neither normalised nor rectified.

    Example:
        >>> import torch
        >>> Down(3, 4, "spectral", first=True)(torch.randn(2, 3, 8, 8)).shape
        torch.Size([2, 4, 4, 4])
    """

    def __init__(self, inputs: int, outputs: int, norm: Norm, *, first: bool) -> None:
        super().__init__()
        begin = [] if first else [*activation_norm(norm, inputs, spatial=True), nn.ReLU()]
        self.inner = nn.Sequential(
            *begin, _conv3(inputs, outputs, norm),
            *activation_norm(norm, outputs, spatial=True), nn.ReLU(), _conv3(outputs, outputs, norm),
        )  # fmt: skip
        self.shortcut = _conv1(inputs, outputs, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, H / 2, W / 2) for x (N, inputs, H, W)."""
        result: Tensor = F.avg_pool2d(self.inner(x), 2) + self.shortcut(F.avg_pool2d(x, 2))
        return result


def normalised_by(norm: Norm, channels: int, num_classes: int) -> nn.Module:
    """Return the layer that normalises activations (N, channels, H, W), per class if there are classes."""
    if num_classes:
        return ConditionalBatchNorm2d(channels, num_classes)
    return nn.Sequential(*activation_norm(norm, channels, spatial=True))


def normalise(layer: nn.Module, x: Tensor, label: Tensor | None) -> Tensor:
    """Apply what ``normalised_by`` returned; only batch norm with classes is told the label."""
    result: Tensor = layer(x, label) if isinstance(layer, ConditionalBatchNorm2d) else layer(x)
    return result


def initialised(layer: _Layer, gain: float) -> _Layer:
    """Draw the weights from Xavier's uniform distribution and set the bias to zero."""
    nn.init.xavier_uniform_(layer.weight, gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _conv3(inputs: int, outputs: int, norm: Norm) -> nn.Conv2d:
    return with_weight_norm(initialised(nn.Conv2d(inputs, outputs, 3, padding=1), RELU_GAIN), norm)


def _conv1(inputs: int, outputs: int, norm: Norm) -> nn.Conv2d:
    return with_weight_norm(initialised(nn.Conv2d(inputs, outputs, 1), 1.0), norm)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
