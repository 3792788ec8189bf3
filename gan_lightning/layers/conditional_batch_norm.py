"""Batch normalisation whose gain and bias are told by the class.

Paper: Dumoulin et al. 2017, "A learned representation for artistic style", section 2.2,
    https://arxiv.org/abs/1610.07629; in GANs: Miyato and Koyama 2018, "cGANs with projection discriminator", section 5,
    https://arxiv.org/abs/1802.05637.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lightning.layers.class_labels import embedded


class _ConditionalBatchNorm(nn.Module):
    """Batch norm without affine parameters, then one gain and bias per class and channel."""

    def __init__(self, norm: nn.Module, num_features: int, num_classes: int) -> None:
        super().__init__()
        for name, size in {"num_features": num_features, "num_classes": num_classes}.items():
            if size < 1:
                raise ValueError(f"{name} is {size}, expected at least 1: choose a larger {name}")
        self.num_features, self.num_classes = num_features, num_classes
        self.norm = norm
        self.gain = nn.Embedding(num_classes, num_features)
        self.bias = nn.Embedding(num_classes, num_features)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start every class as plain batch norm does: gain 1, bias 0."""
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.bias.weight)

    def forward(self, x: Float[Tensor, "n *shape"], label: Tensor) -> Float[Tensor, "n *shape"]:
        """Return features (N, C, ...), normalised, then scaled and shifted as their labels (N,) say."""
        if x.ndim < 2 or x.shape[1] != self.num_features:
            raise ValueError(
                f"conditional batch norm got shape {tuple(x.shape)}, expected {self.num_features} channels in "
                "dimension 1: build it with the number of channels of the layer before it"
            )
        shape = (len(x), -1, *[1] * (x.ndim - 2))
        gain, bias = (embedded(table, label, len(x)).view(shape) for table in (self.gain, self.bias))
        return torch.addcmul(bias.to(x.dtype), self.norm(x), gain.to(x.dtype))

    def extra_repr(self) -> str:
        return f"{self.num_features}, num_classes={self.num_classes}"


class ConditionalBatchNorm1d(_ConditionalBatchNorm):
    """Normalise (N, F) by batch statistics, then scale and shift by the class: ``y = gain[label] x_hat + bias[label]``.

    For a conditional generator, in the place of batch norm. In the discriminator it has the faults of batch norm there:
    real and generated samples must pass in batches of their own, and gradient penalties are no longer per sample.

    Args:
        num_features: F.
        num_classes: number of classes, at least 1.

    Raises:
        ValueError: if a size is not positive; in ``forward``, if the features or the labels do not fit.

    Example:
        >>> ConditionalBatchNorm1d(8, num_classes=3)(torch.randn(4, 8), torch.tensor([0, 1, 2, 0])).shape
        torch.Size([4, 8])
    """

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__(nn.BatchNorm1d(num_features, affine=False), num_features, num_classes)


class ConditionalBatchNorm2d(_ConditionalBatchNorm):
    """Normalise (N, C, H, W) by batch statistics per channel, then scale and shift each channel by the class.

    As ``ConditionalBatchNorm1d``, for feature maps.

    Args:
        num_features: C.
        num_classes: number of classes, at least 1.

    Raises:
        ValueError: if a size is not positive; in ``forward``, if the features or the labels do not fit.

    Example:
        >>> ConditionalBatchNorm2d(8, num_classes=3)(torch.randn(2, 8, 4, 4), torch.tensor([0, 2])).shape
        torch.Size([2, 8, 4, 4])
    """

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__(nn.BatchNorm2d(num_features, affine=False), num_features, num_classes)
