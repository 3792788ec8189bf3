"""PacDCGAN: DCGAN whose discriminator sees several images at a time.

Paper: Lin et al. 2018, "PacGAN: the power of two samples in generative adversarial networks", section 2,
    https://arxiv.org/abs/1712.04086
"""

from gan_lightning.gans.dcgan import DCGAN
from gan_lightning.mixins import PacGAN


class PacDCGAN(PacGAN, DCGAN):
    """DCGAN with packed images; ``pack=2`` is the paper's PacDCGAN2. Other packed GANs: ``compose.PacGAN__LSGAN`` ...

    Example:
        >>> PacDCGAN(shape=(3, 16, 16), pack=2).discriminator.shape
        (6, 16, 16)
    """
