"""The pair of R3GAN: residual networks without normalisation, for square images of 8 to 128 pixels per side.

Paper: Huang et al. 2024, "The GAN is dead; long live the GAN! A modern GAN baseline", section 3.2, configuration E, and
    the table of settings in the appendix, https://arxiv.org/abs/2501.05441.
Differs: beyond 32 pixels the channels are halved with each doubling of the resolution, by one rule for all sizes; the
    paper lists the widths for each data set.
"""

from itertools import pairwise

from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.layers.class_labels import embedded
from gan_lightning.networks.conditioning import LabelConcat, check_told, embedding_size
from gan_lightning.networks.pyramid import channels_at, levels, power_of_two_shape
from gan_lightning.networks.r3gan_blocks import Bottleneck, Downsample, FromVector, ToVector, Upsample, initialised
from gan_lightning.networks.settings import check_at_least


class R3GANGenerator(nn.Module):
    """Map ``z`` (N, latent_dim) to images (N, C, H, W): learned 4 x 4 maps, then residual blocks on each resolution.

    The output is linear, as in the paper: images in [-1, 1] are learned, not enforced.

    Args:
        latent_dim: size of z, at least 1; the paper uses 64.
        shape: (C, H, W) of one image; H = W is 8, 16, 32, 64 or 128.
        num_classes: number of classes, 0 for none; a label's embedding is appended to z.
        width: channels up to 32 x 32 pixels: a power of two, or a multiple of 32; the paper uses 768.
        num_blocks: residual blocks per resolution, at least 1; the paper uses 2.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> import torch
        >>> R3GANGenerator(latent_dim=16, shape=(3, 32, 32), width=8)(torch.randn(2, 16)).shape
        torch.Size([2, 3, 32, 32])
    """

    def __init__(
        self, latent_dim: int, shape: tuple[int, ...], num_classes: int = 0, *, width: int = 768, num_blocks: int = 2
    ) -> None:
        super().__init__()
        check_at_least(1, latent_dim=latent_dim, width=width, num_blocks=num_blocks)
        self.latent_dim = latent_dim
        self.shape = power_of_two_shape(shape, 8, 128)
        self.num_classes = num_classes
        self.label = LabelConcat(num_classes, (embedding_size(num_classes),))

        channels = [channels_at(side, width) for side in levels(4, self.shape[1])]
        depth = len(channels) * num_blocks
        layers: list[nn.Module] = [FromVector(latent_dim + self.label.extra, channels[0])]
        layers += [Bottleneck(channels[0], depth) for _ in range(num_blocks)]
        for coarse, fine in pairwise(channels):
            layers.append(Upsample(coarse, fine))
            layers += [Bottleneck(fine, depth) for _ in range(num_blocks)]
        self.layers = nn.Sequential(*layers)
        self.output = initialised(nn.Conv2d(channels[-1], self.shape[0], 1, bias=False), 1.0)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """Return images for latents (N, latent_dim) and, if the network has classes, labels (N,)."""
        images: Tensor = self.output(self.layers(self.label(z, label)))
        return images


class R3GANDiscriminator(nn.Module):
    """Judge images (N, C, H, W): the generator's mirror image, ending in one learned 4 x 4 filter per channel.

    What these filters return are the features h. The logit is ``w . h``; with classes it is ``v[label] . (W h)``, the
    projection on a learned embedding of the class.

    Args:
        shape: (C, H, W) of one image; H = W is 8, 16, 32, 64 or 128.
        num_classes: number of classes, 0 for none.
        width: channels up to 32 x 32 pixels: a power of two, or a multiple of 32; the number of features. The paper
            uses 768.
        num_blocks: residual blocks per resolution, at least 1; the paper uses 2.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> import torch
        >>> logits, features, _ = R3GANDiscriminator(shape=(3, 32, 32), width=8)(torch.randn(2, 3, 32, 32))
        >>> logits.shape, features.shape
        (torch.Size([2]), torch.Size([2, 8]))
    """

    def __init__(self, shape: tuple[int, ...], num_classes: int = 0, *, width: int = 768, num_blocks: int = 2) -> None:
        super().__init__()
        check_at_least(0, num_classes=num_classes)
        check_at_least(1, width=width, num_blocks=num_blocks)
        self.shape = power_of_two_shape(shape, 8, 128)
        self.num_classes = num_classes
        self.num_features = width

        channels = [channels_at(side, width) for side in reversed(levels(4, self.shape[1]))]
        depth = len(channels) * num_blocks
        layers: list[nn.Module] = [initialised(nn.Conv2d(self.shape[0], channels[0], 1, bias=False), 1.0)]
        for fine, coarse in pairwise(channels):
            layers += [Bottleneck(fine, depth) for _ in range(num_blocks)]
            layers.append(Downsample(fine, coarse))
        layers += [Bottleneck(channels[-1], depth) for _ in range(num_blocks)]
        self.layers = nn.Sequential(*layers, ToVector(channels[-1]))
        size = embedding_size(num_classes) if num_classes else 1
        self.output = initialised(nn.Linear(width, size, bias=False), 1.0)
        self.embedding = nn.Embedding(num_classes, size) if num_classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, 0.0, size**-0.5)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Critique:
        """Return logits (N,) and features (N, width) for images and, if the network has classes, labels (N,)."""
        check_told(self.num_classes, label)
        features: Tensor = self.layers(x)
        output: Tensor = self.output(features)
        if self.embedding is not None and label is not None:
            output = output * embedded(self.embedding, label, len(x))
        return Critique(output.sum(1), features)
