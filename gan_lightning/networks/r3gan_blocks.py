"""The parts of R3GAN: residual blocks without normalisation, and resampling by a fixed low-pass filter.

Paper: Huang et al. 2024, "The GAN is dead; long live the GAN! A modern GAN baseline", section 3.2 (configurations D and
    E) and appendix, https://arxiv.org/abs/2501.05441. The initialisation: Zhang et al. 2019, "Fixup initialization",
    section 3, https://arxiv.org/abs/1901.09321.
"""

from math import prod
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_Layer = TypeVar("_Layer", bound=nn.Linear | nn.Conv2d)

SLOPE = 0.2
GAIN = (2 / (1 + SLOPE**2)) ** 0.5
"""What keeps the variance of activations through a leaky rectifier (He et al. 2015)."""
GROUP = 16
"""Channels per group inside a block: the paper's 96 groups in 2 * 768 channels."""


class Bottleneck(nn.Module):
    """Add ``conv1x1(act(grouped conv3x3(act(conv1x1(x)))))`` to x; inside there are twice as many channels.

    The last convolution starts at zero, so the block starts as the identity; the others start the smaller the deeper
    the network is, so that an update of it is as large as one of a shallow network. Both together stand in for
    normalisation.

    Args:
        channels: channels of x.
        depth: number of residual blocks in the network.

    Raises:
        ValueError: if the channels inside cannot be split into groups of one size.

    Example:
        >>> x = torch.randn(2, 8, 4, 4)
        >>> torch.equal(Bottleneck(8, depth=6)(x), x)
        True
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        inside = 2 * channels
        groups = max(1, inside // GROUP)
        if inside % groups:
            raise ValueError(
                f"a level with {channels} channels has {inside} inside its blocks, which {groups} groups cannot share: "
                "choose a width that is a power of two, or a multiple of 32"
            )
        gain = GAIN * depth ** (-1 / 4)  # Fixup's depth^(-1 / (2 m - 2)) with m = 3 layers in a block
        self.layers = nn.Sequential(
            initialised(nn.Conv2d(channels, inside, 1), gain),
            nn.LeakyReLU(SLOPE),
            initialised(nn.Conv2d(inside, inside, 3, padding=1, groups=groups), gain),
            nn.LeakyReLU(SLOPE),
            initialised(nn.Conv2d(inside, channels, 1, bias=False), 0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, channels, H, W) for x of this shape."""
        result: Tensor = x + self.layers(x)
        return result


class Upsample(nn.Module):
    """Double the resolution by linear interpolation between pixels, after a 1 x 1 convolution to other channels.

    Example:
        >>> Upsample(4, 2)(torch.randn(3, 4, 8, 8)).shape
        torch.Size([3, 2, 16, 16])
    """

    kernel: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.channels = _change_of_channels(inputs, outputs)
        self.register_buffer("kernel", 4 * _triangle(outputs), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, 2 H, 2 W) for x (N, inputs, H, W)."""
        x = self.channels(x)
        kernel = self.kernel.to(x.dtype)
        return F.conv_transpose2d(x, kernel, stride=2, padding=1, output_padding=1, groups=len(kernel))


class Downsample(nn.Module):
    """Halve the resolution by a low-pass filter with weights 1, 2, 1, before a 1 x 1 convolution to other channels.

    Example:
        >>> Downsample(2, 4)(torch.randn(3, 2, 8, 8)).shape
        torch.Size([3, 4, 4, 4])
    """

    kernel: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.channels = _change_of_channels(inputs, outputs)
        self.register_buffer("kernel", _triangle(inputs), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, H / 2, W / 2) for x (N, inputs, H, W)."""
        kernel = self.kernel.to(x.dtype)
        result: Tensor = self.channels(F.conv2d(x, kernel, stride=2, padding=1, groups=len(kernel)))
        return result


class FromVector(nn.Module):
    """Map vectors (N, inputs) to feature maps (N, channels, 4, 4): a linear layer scales learned 4 x 4 maps.

    Example:
        >>> FromVector(16, 8)(torch.randn(2, 16)).shape
        torch.Size([2, 8, 4, 4])
    """

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.randn(channels, 4, 4))
        self.scales = initialised(nn.Linear(inputs, channels, bias=False), 1.0)

    def forward(self, z: Tensor) -> Tensor:
        """Return (N, channels, 4, 4)."""
        scales: Tensor = self.scales(z)
        return self.maps * scales[:, :, None, None]


class ToVector(nn.Module):
    """Map feature maps (N, channels, 4, 4) to vectors (N, channels): one learned 4 x 4 filter per channel.

    Example:
        >>> ToVector(8)(torch.randn(2, 8, 4, 4)).shape
        torch.Size([2, 8])
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.filters = initialised(nn.Conv2d(channels, channels, 4, groups=channels, bias=False), 1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, channels)."""
        result: Tensor = self.filters(x).flatten(1)
        return result


def initialised(layer: _Layer, gain: float) -> _Layer:
    """Draw the weights from a normal distribution with deviation ``gain / sqrt(fan in)``; set the bias to zero."""
    nn.init.normal_(layer.weight, 0.0, gain / prod(layer.weight.shape[1:]) ** 0.5)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _change_of_channels(inputs: int, outputs: int) -> nn.Module:
    return nn.Identity() if inputs == outputs else initialised(nn.Conv2d(inputs, outputs, 1, bias=False), 1.0)


def _triangle(channels: int) -> Tensor:
    """The filter (1, 2, 1) / 4 along both axes, once per channel: (channels, 1, 3, 3)."""
    line = torch.tensor([0.25, 0.5, 0.25])
    return torch.outer(line, line).expand(channels, 1, 3, 3).contiguous()
