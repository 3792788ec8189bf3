"""The convolutional pair of DCGAN, for images of any size from 8 to 128 pixels per side.

Paper: Radford et al. 2016, "Unsupervised representation learning with deep convolutional generative adversarial
    networks", section 3 (architecture), section 4 (N(0, 0.02), slope 0.2), https://arxiv.org/abs/1511.06434.
Differs: the number of levels follows the image, odd sizes and oblong images are allowed; label planes for the
    discriminator; spectral normalisation, if chosen, acts on all layers (Miyato et al. 2018).
"""

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import NamedTuple, TypeVar

from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.networks.conditioning import LabelConcat, embedding_size
from gan_lightning.networks.minibatch import Minibatch, check_minibatch, minibatch_layer
from gan_lightning.networks.norm import Norm, activation_norm, check_norm, has_shift, with_weight_norm
from gan_lightning.networks.settings import check_at_least, check_dropout, image_shape

_Layer = TypeVar("_Layer", bound=nn.Linear | nn.Conv2d | nn.ConvTranspose2d)


class DCGANGenerator(nn.Module):
    """Map ``z`` (N, latent_dim) to images (N, C, H, W) in [-1, 1]: a projection, then transposed convolutions.

    Args:
        latent_dim: size of z, at least 1; the paper uses 100.
        shape: (C, H, W) of one image, H and W in 8 .. 128.
        num_classes: number of classes, 0 for none; a label's embedding is appended to z.
        width: channels before the last layer, at least 1; they double per level towards z, to 8 times this at most. The
            paper uses 128 (for 64 x 64).
        norm: normalisation of all layers but the last (``spectral``: of all); the paper uses ``batch``.
        dropout: probability of dropping an activation, in [0, 1); the paper uses none.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> import torch
        >>> DCGANGenerator(latent_dim=16, shape=(1, 28, 28), width=8)(torch.randn(2, 16)).shape
        torch.Size([2, 1, 28, 28])
    """

    def __init__(
        self,
        latent_dim: int,
        shape: tuple[int, ...],
        num_classes: int = 0,
        *,
        width: int = 64,
        norm: Norm = "batch",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_at_least(1, latent_dim=latent_dim, width=width)
        check_norm(norm)
        check_dropout(dropout)
        self.latent_dim = latent_dim
        self.shape = image_shape(shape, 8, 128)
        self.num_classes = num_classes
        self.label = LabelConcat(num_classes, (embedding_size(num_classes),))
        levels = _ladder(self.shape, width)[::-1]

        channels, size = levels[0].channels, levels[0].size
        projection = nn.Linear(latent_dim + self.label.extra, channels * prod(size), bias=not has_shift(norm))
        layers: list[nn.Module] = [with_weight_norm(_initialised(projection), norm), nn.Unflatten(1, (channels, *size))]
        for coarse, fine in pairwise(levels):
            layers += _between(coarse.channels, nn.ReLU(), norm, dropout)
            kernel, stride = _steps(coarse, fine)
            bias = fine is levels[-1] or not has_shift(norm)
            up = nn.ConvTranspose2d(coarse.channels, fine.channels, kernel, stride, padding=1, bias=bias)
            layers.append(with_weight_norm(_initialised(up), norm))
        self.layers = nn.Sequential(*layers, nn.Tanh())

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """Return images for latents (N, latent_dim) and, if the network has classes, labels (N,)."""
        images: Tensor = self.layers(self.label(z, label))
        return images


class DCGANDiscriminator(nn.Module):
    """Judge images (N, C, H, W) by strided convolutions down to about 4 x 4 and one linear layer on the flat result.

    The flat result gives the features.

    Args:
        shape: (C, H, W) of one image, H and W in 8 .. 128.
        num_classes: number of classes, 0 for none; a label's embedding is one more input plane.
        width: channels after the first layer, at least 1; they double per level, to 8 times this at most. The paper
            uses 128 (for 64 x 64).
        norm: normalisation of all convolutions but the first (``spectral``: of all layers); the paper uses ``batch``.
        dropout: probability of dropping an activation, in [0, 1); the paper uses none.
        minibatch: what the last layer is told of the whole batch, beside the features.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> import torch
        >>> critique = DCGANDiscriminator(shape=(1, 28, 28), width=8)(torch.randn(2, 1, 28, 28))
        >>> critique.logits.shape, critique.features.shape  # 28, 14, 7, 4 pixels; 8, 16, 32 channels
        (torch.Size([2]), torch.Size([2, 512]))
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        num_classes: int = 0,
        *,
        width: int = 64,
        norm: Norm = "batch",
        dropout: float = 0.0,
        minibatch: Minibatch = "none",
    ) -> None:
        super().__init__()
        check_at_least(1, width=width)
        check_minibatch(minibatch)
        check_norm(norm)
        check_dropout(dropout)
        self.shape = image_shape(shape, 8, 128)
        self.num_classes = num_classes
        self.label = LabelConcat(num_classes, (1, *self.shape[1:]))
        levels = _ladder(self.shape, width)

        layers: list[nn.Module] = []
        inputs = self.shape[0] + self.label.extra
        for fine, coarse in pairwise(levels):
            kernel, stride = _steps(coarse, fine)
            first = fine is levels[0]
            down = nn.Conv2d(inputs, coarse.channels, kernel, stride, padding=1, bias=first or not has_shift(norm))
            layers.append(with_weight_norm(_initialised(down), norm))
            layers += _between(coarse.channels, nn.LeakyReLU(0.2), "none" if first else norm, dropout)
            inputs = coarse.channels
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.num_features = inputs * prod(levels[-1].size)
        self.minibatch, inputs = minibatch_layer(minibatch, self.num_features)
        self.output = with_weight_norm(_initialised(nn.Linear(inputs, 1)), norm)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Critique:
        """Return logits (N,) and features (N, F) for images and, if the network has classes, labels (N,)."""
        features: Tensor = self.layers(self.label(x, label))
        seen = features if self.minibatch is None else self.minibatch(features)
        return Critique(self.output(seen).squeeze(1), features)


class _Level(NamedTuple):
    channels: int
    size: tuple[int, int]


def _ladder(shape: tuple[int, ...], width: int) -> list[_Level]:
    """Levels from the image to the coarsest: sides are halved, rounding up, while they exceed 4."""
    channels, *sides = shape
    levels = [_Level(channels, (sides[0], sides[1]))]
    while max(levels[-1].size) > 4:
        height, breadth = (side if side <= 4 else (side + 1) // 2 for side in levels[-1].size)
        levels.append(_Level(width * min(2 ** (len(levels) - 1), 8), (height, breadth)))
    return levels


def _steps(coarse: _Level, fine: _Level) -> tuple[tuple[int, int], tuple[int, int]]:
    """Kernel and stride per axis that lead from one level to the next, down or up, with padding 1.

    Kernel 4 halves an even side n to n / 2, kernel 3 an odd one to (n + 1) / 2; a side of the coarsest size stays.
    """
    kernel = [3 if large % 2 or large == small else 4 for small, large in zip(coarse.size, fine.size, strict=True)]
    stride = [1 if large == small else 2 for small, large in zip(coarse.size, fine.size, strict=True)]
    return (kernel[0], kernel[1]), (stride[0], stride[1])


def _between(channels: int, activation: nn.Module, norm: Norm, dropout: float) -> Sequence[nn.Module]:
    """What follows a hidden layer: normalisation, activation, dropout."""
    modules = activation_norm(norm, channels, spatial=True)
    for module in modules:
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
    return [*modules, activation, *([nn.Dropout(dropout)] if dropout else [])]


def _initialised(layer: _Layer) -> _Layer:
    """Draw the weights from N(0, 0.02), as the paper does, and set the bias to zero."""
    nn.init.normal_(layer.weight, 0.0, 0.02)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
