"""cGAN with projection discriminator: the class is told by an inner product with the features.

Paper: Miyato and Koyama 2018, "cGANs with projection discriminator", section 3, https://arxiv.org/abs/1802.05637
Differs: any network that returns features, and any loss; the paper's own set-up is ``SNGAN`` with ``num_classes``.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.gans.missing_networks import Shape
from gan_lightning.layers import Projection


class ProjectionGAN(ByShape):
    """A GAN on networks that suit the data, whose discriminator is told the class by ``layers.Projection``.

    The generator has the label's embedding appended to its latent. A discriminator of one's own must be conditional.

    Raises:
        ValueError: as ``ByShape``, and if ``num_classes`` is not given, or a technique keeps the class from the
            discriminator.

    Example:
        >>> gan = ProjectionGAN(shape=(2,), num_classes=3)
        >>> type(gan.discriminator).__name__, gan.sample(6).shape
        ('Projection', torch.Size([6, 2]))
    """

    def _network_types(self, shape: Shape) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        generator, discriminator = super()._network_types(shape)

        def projecting(of: Shape, num_classes: int, **options: Any) -> nn.Module:
            if num_classes == 0:
                raise ValueError(
                    "ProjectionGAN needs a discriminator that is told the class: give num_classes, and drop techniques "
                    "that keep the class from it, such as AuxiliaryClassifier and SemiSupervised"
                )
            return Projection(discriminator(of, **options), num_classes)

        return generator, projecting
