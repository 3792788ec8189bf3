"""A classifier from few labels: the discriminator of a GAN whose generator matches features.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 5, https://arxiv.org/abs/1606.03498
"""

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.mixins import FeatureMatching, SemiSupervised


class SemiSupervisedGAN(SemiSupervised, FeatureMatching, ByShape):
    """``SemiSupervised`` and ``FeatureMatching`` on networks that suit the data; ``num_classes`` is needed.

    A label of -1 in a batch means unlabelled. The largest of ``gan.discriminator(x).heads["classes"]`` is the class.

    Example:
        >>> import torch
        >>> gan = SemiSupervisedGAN(shape=(1, 16, 16), num_classes=10, width_d=8, width_g=8)
        >>> gan.discriminator(torch.zeros(2, 1, 16, 16)).heads["classes"].shape
        torch.Size([2, 10])
    """
