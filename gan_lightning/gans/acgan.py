"""AC-GAN: the generator is told a class, and the discriminator has to name it.

Paper: Odena, Olah, Shlens 2017, "Conditional image synthesis with auxiliary classifier GANs", section 3,
    https://arxiv.org/abs/1610.09585
"""

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.mixins import AuxiliaryClassifier


class ACGAN(AuxiliaryClassifier, ByShape):
    """``AuxiliaryClassifier`` on networks that suit the data; ``num_classes`` is needed.

    Example:
        >>> gan = ACGAN(shape=(1, 16, 16), num_classes=10, width_d=8, width_g=8)
        >>> gan.sample(2, label=[3, 7]).shape
        torch.Size([2, 1, 16, 16])
    """
