"""Multilayer perceptrons: for vectors, and for small images taken as vectors.

Paper: Goodfellow et al. 2014, section 5, https://arxiv.org/abs/1406.2661; conditional: Mirza and Osindero 2014,
    https://arxiv.org/abs/1411.1784.
Differs: leaky rectifiers instead of maxout in the discriminator, as in Radford et al. 2016.
"""

from collections.abc import Callable
from functools import partial
from math import prod

import torch
from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.networks.conditioning import LabelConcat, embedding_size
from gan_lightning.networks.minibatch import Minibatch, check_minibatch, minibatch_layer
from gan_lightning.networks.norm import Norm, activation_norm, check_norm, has_shift, with_weight_norm
from gan_lightning.networks.settings import check_at_least, check_dropout, sample_shape


class MLPGenerator(nn.Module):
    """Map ``z`` (N, latent_dim) to samples (N, shape...) through ``depth`` layers of rectifiers.

    The output is linear for vectors and passes tanh for images, whose range is [-1, 1].

    Args:
        latent_dim: size of z, at least 1.
        shape: shape of one sample; three sizes mean an image (C, H, W).
        num_classes: number of classes, 0 for none; a label's embedding is appended to z.
        width: units per hidden layer, at least 1.
        depth: number of hidden layers, at least 1.
        norm: normalisation of the hidden layers; ``spectral`` acts on the output layer too.
        dropout: probability of dropping a hidden unit, in [0, 1).
        slope: of the hidden rectifiers below 0; 0 is ReLU.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> MLPGenerator(latent_dim=4, shape=(2,))(torch.randn(3, 4)).shape
        torch.Size([3, 2])
    """

    def __init__(
        self,
        latent_dim: int,
        shape: tuple[int, ...],
        num_classes: int = 0,
        *,
        width: int = 128,
        depth: int = 2,
        norm: Norm = "none",
        dropout: float = 0.0,
        slope: float = 0.0,
    ) -> None:
        super().__init__()
        check_at_least(1, latent_dim=latent_dim, width=width, depth=depth)
        self.latent_dim = latent_dim
        self.shape = sample_shape(shape)
        self.num_classes = num_classes
        self.label = LabelConcat(num_classes, (embedding_size(num_classes),))
        activation = partial(nn.LeakyReLU, slope) if slope else nn.ReLU
        self.hidden = _hidden_layers(latent_dim + self.label.extra, width, depth, activation, norm, dropout)
        self.output = with_weight_norm(nn.Linear(width, prod(self.shape)), norm)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """Return samples for latents (N, latent_dim) and, if the network has classes, labels (N,)."""
        x: Tensor = self.output(self.hidden(self.label(z, label)))
        if len(self.shape) == 3:
            x = torch.tanh(x)
        return x.view(-1, *self.shape)


class MLPDiscriminator(nn.Module):
    """Judge samples (N, shape...) through ``depth`` LeakyReLU(0.2) layers; the last hidden layer gives the features.

    Args:
        shape: shape of one sample.
        num_classes: number of classes, 0 for none; a label's embedding is appended to the flat sample.
        width: units per hidden layer, at least 1; the number of features.
        depth: number of hidden layers, at least 1.
        norm: normalisation of the hidden layers; ``spectral`` acts on the output layer too, so that the slope in
            x is about 1 at most.
        dropout: probability of dropping a hidden unit, in [0, 1).
        minibatch: what the output layer is told of the whole batch, beside the features.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> critique = MLPDiscriminator(shape=(2,))(torch.randn(3, 2))
        >>> critique.logits.shape, critique.features.shape
        (torch.Size([3]), torch.Size([3, 128]))
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        num_classes: int = 0,
        *,
        width: int = 128,
        depth: int = 2,
        norm: Norm = "none",
        dropout: float = 0.0,
        minibatch: Minibatch = "none",
    ) -> None:
        super().__init__()
        check_at_least(1, width=width, depth=depth)
        check_minibatch(minibatch)
        self.shape = sample_shape(shape)
        self.num_classes = num_classes
        self.num_features = width
        self.label = LabelConcat(num_classes, (embedding_size(num_classes),))
        self.hidden = _hidden_layers(prod(self.shape) + self.label.extra, width, depth, _leaky_relu, norm, dropout)
        self.minibatch, inputs = minibatch_layer(minibatch, width)
        self.output = with_weight_norm(nn.Linear(inputs, 1), norm)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Critique:
        """Return logits (N,) and features (N, width) for samples and, if the network has classes, labels (N,)."""
        features: Tensor = self.hidden(self.label(x.flatten(1), label))
        seen = features if self.minibatch is None else self.minibatch(features)
        return Critique(self.output(seen).squeeze(1), features)


def _hidden_layers(
    inputs: int, width: int, depth: int, activation: Callable[[], nn.Module], norm: Norm, dropout: float
) -> nn.Sequential:
    check_norm(norm)
    check_dropout(dropout)
    layers: list[nn.Module] = []
    for _ in range(depth):
        linear = nn.Linear(inputs, width, bias=not has_shift(norm))
        layers += [with_weight_norm(linear, norm), *activation_norm(norm, width, spatial=False), activation()]
        if dropout:
            layers.append(nn.Dropout(dropout))
        inputs = width
    return nn.Sequential(*layers)


def _leaky_relu() -> nn.Module:
    return nn.LeakyReLU(0.2)
