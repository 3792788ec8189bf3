"""Noise on a network's activations, so that the discriminator cannot rest on details.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", https://arxiv.org/abs/1606.03498: the authors'
    discriminators have it on their inputs (0.2 for CIFAR-10, 0.3 for MNIST) and on hidden layers (0.5 for MNIST).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class GaussianNoise(nn.Module):
    """Add N(0, std^2) noise in training: ``x + std * e``, with fresh e for every number. In evaluation it does nothing.

    For the discriminator, before any layer. Noise on its input that fades out over training is a technique of its own
    (instance noise), because generated and real samples then both need it. With a gradient penalty the slope is that
    at the noisy point.

    Args:
        std: standard deviation, at least 0, in units of the activations; 0 costs nothing. It may be set at any time.

    Raises:
        ValueError: if ``std`` is negative.

    Example:
        >>> layer = GaussianNoise(0.2)
        >>> bool(layer(torch.zeros(1000)).std() > 0.1), bool(layer.eval()(torch.zeros(1000)).any())
        (True, False)
    """

    def __init__(self, std: float = 0.2) -> None:
        super().__init__()
        if not std >= 0:
            raise ValueError(f"std is {std}, expected at least 0: it is the noise's standard deviation")
        self.std = std

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return ``x``, with noise in training."""
        if not self.training or not self.std:
            return x
        return x + self.std * torch.randn_like(x)

    def extra_repr(self) -> str:
        return f"{self.std}"
