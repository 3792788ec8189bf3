"""LSGAN: least squares in the place of the logistic loss.

Paper: Mao et al. 2017, "Least squares generative adversarial networks", https://arxiv.org/abs/1611.04076
"""

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.losses import LeastSquares


class LSGAN(ByShape):
    """``LeastSquares`` on networks that suit the data.

    Example:
        >>> type(LSGAN(shape=(2,)).loss).__name__
        'LeastSquares'
    """

    default_loss = LeastSquares
