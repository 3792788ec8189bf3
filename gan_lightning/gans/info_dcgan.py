"""InfoGAN on convolutional networks.

Paper: Chen et al. 2016, "InfoGAN: interpretable representation learning by information maximizing generative
    adversarial nets", section 7, https://arxiv.org/abs/1606.03657
"""

from gan_lightning.gans.dcgan import DCGAN
from gan_lightning.mixins import InfoGAN


class InfoDCGAN(InfoGAN, DCGAN):
    """``InfoGAN`` on DCGAN's networks: by default the paper's codes for MNIST, one of 10 classes and 2 continuous.

    On other networks: ``compose.InfoGAN__VanillaGAN``.

    Example:
        >>> gan = InfoDCGAN(shape=(1, 16, 16), latent_dim=16, width_d=8, width_g=8)
        >>> z = gan.sample_latent(2)
        >>> z[:, -12:-2].sum(1), gan(z).shape
        (tensor([1., 1.]), torch.Size([2, 1, 16, 16]))
    """
