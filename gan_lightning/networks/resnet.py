"""The residual pair of SNGAN, for square images of 8, 16, 32, 64 or 128 pixels per side.

Paper: Miyato et al. 2018, "Spectral normalization for generative adversarial networks", table 4 (32 x 32), table 5
    (128 x 128), figure 9 (blocks), https://arxiv.org/abs/1802.05957. Conditional: Miyato and Koyama 2018, "cGANs with
    projection discriminator", figure 2, table 3, https://arxiv.org/abs/1802.05637.
Differs: the number of blocks follows the image. Up to 32 pixels all blocks have ``width`` channels, as in table 4;
    beyond, the channels are halved with each doubling of the resolution, which is nearer to table 5 than a constant
    width and keeps the time per level the same.
"""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.layers.class_labels import embedded
from gan_lightning.networks.conditioning import LabelConcat, check_told, embedding_size
from gan_lightning.networks.norm import Norm, check_norm, with_weight_norm
from gan_lightning.networks.pyramid import channels_at, levels, power_of_two_shape
from gan_lightning.networks.resnet_blocks import Down, Same, Up, initialised, normalise, normalised_by
from gan_lightning.networks.settings import check_at_least


class ResNetGenerator(nn.Module):
    """Map ``z`` (N, latent_dim) to images (N, C, H, W) in [-1, 1]: a linear layer to 4 x 4, then residual up-blocks.

    Args:
        latent_dim: size of z, at least 1; the paper uses 128.
        shape: (C, H, W) of one image; H = W is 8, 16, 32, 64 or 128.
        num_classes: number of classes, 0 for none. With ``norm="batch"`` each class has its own gain and bias in each
            batch norm, as in the paper; with another norm a label's embedding is appended to z.
        width: channels up to 32 x 32 pixels, at least 1; the paper uses 256.
        norm: normalisation of all layers but the last (``spectral``: of all); the paper uses ``batch``.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> import torch
        >>> ResNetGenerator(latent_dim=16, shape=(3, 32, 32), width=8)(torch.randn(2, 16)).shape
        torch.Size([2, 3, 32, 32])
    """

    def __init__(
        self,
        latent_dim: int,
        shape: tuple[int, ...],
        num_classes: int = 0,
        *,
        width: int = 256,
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        check_at_least(0, num_classes=num_classes)
        check_at_least(1, latent_dim=latent_dim, width=width)
        check_norm(norm)
        self.latent_dim = latent_dim
        self.shape = power_of_two_shape(shape, 8, 128)
        self.num_classes = num_classes
        appended = 0 if norm == "batch" else num_classes
        self.label = LabelConcat(appended, (embedding_size(appended),))
        per_class = num_classes - appended

        channels = [channels_at(side, width) for side in levels(4, self.shape[1])]
        projection = initialised(nn.Linear(latent_dim + self.label.extra, channels[0] * 16), 1.0)
        self.projection = nn.Sequential(with_weight_norm(projection, norm), nn.Unflatten(1, (channels[0], 4, 4)))
        self.blocks = nn.ModuleList([Up(before, after, norm, per_class) for before, after in pairwise(channels)])
        self.output_norm = normalised_by(norm, channels[-1], per_class)
        self.output = with_weight_norm(initialised(nn.Conv2d(channels[-1], self.shape[0], 3, padding=1), 1.0), norm)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """Return images for latents (N, latent_dim) and, if the network has classes, labels (N,)."""
        check_told(self.num_classes, label)
        x: Tensor = self.projection(self.label(z, label) if self.label.num_classes else z)
        for block in self.blocks:
            x = block(x, label)
        images: Tensor = self.output(F.relu(normalise(self.output_norm, x, label)))
        return images.tanh()


class ResNetDiscriminator(nn.Module):
    """Judge images (N, C, H, W) by residual blocks down to 8 x 8 (4 x 4 for 8 pixels), and two blocks on that level.

    The features h are the sums of each channel's pixels after a rectifier, and the logit is ``w . h + b``. With classes
    it is ``w . h + b + v[label] . h``: the projection of the features on a learned embedding of the class.

    Args:
        shape: (C, H, W) of one image; H = W is 8, 16, 32, 64 or 128.
        num_classes: number of classes, 0 for none.
        width: channels up to 32 x 32 pixels, at least 1; the number of features. The paper uses 128.
        norm: normalisation of the convolutions inside the blocks but the first (``spectral``: of all layers and of the
            classes' embedding); the paper uses ``spectral``.

    Raises:
        ValueError: if a setting is out of its range; in ``forward``, if labels are missing or unexpected.

    Example:
        >>> import torch
        >>> logits, features, _ = ResNetDiscriminator(shape=(3, 32, 32), width=8)(torch.randn(2, 3, 32, 32))
        >>> logits.shape, features.shape
        (torch.Size([2]), torch.Size([2, 8]))
    """

    def __init__(
        self, shape: tuple[int, ...], num_classes: int = 0, *, width: int = 128, norm: Norm = "spectral"
    ) -> None:
        super().__init__()
        check_at_least(0, num_classes=num_classes)
        check_at_least(1, width=width)
        check_norm(norm)
        self.shape = power_of_two_shape(shape, 8, 128)
        self.num_classes = num_classes
        self.num_features = width

        inputs = self.shape[0]
        blocks: list[nn.Module] = []
        for side in levels(8, max(self.shape[1], 16))[:0:-1]:
            channels = channels_at(side, width)
            blocks.append(Down(inputs, channels, norm, first=not blocks))
            inputs = channels
        blocks += [Same(inputs, width, norm), Same(width, width, norm)]
        self.blocks = nn.Sequential(*blocks, nn.ReLU())
        self.output = with_weight_norm(initialised(nn.Linear(width, 1), 1.0), norm)
        self.embedding = _embedding(num_classes, width, norm) if num_classes else None

    def forward(self, x: Tensor, label: Tensor | None = None) -> Critique:
        """Return logits (N,) and features (N, width) for images and, if the network has classes, labels (N,)."""
        check_told(self.num_classes, label)
        features: Tensor = self.blocks(x).sum((2, 3))
        logits: Tensor = self.output(features).squeeze(1)
        if self.embedding is not None and label is not None:
            logits = logits + (embedded(self.embedding, label, len(x)) * features).sum(1)
        return Critique(logits, features)


def _embedding(num_classes: int, width: int, norm: Norm) -> nn.Embedding:
    embedding = nn.Embedding(num_classes, width)
    nn.init.xavier_uniform_(embedding.weight)
    return with_weight_norm(embedding, norm)
