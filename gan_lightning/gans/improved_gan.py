"""The improved techniques, together.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3, https://arxiv.org/abs/1606.03498
"""

from typing import Any

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.mixins import FeatureMatching, HistoricalAveraging, OneSidedLabelSmoothing, VirtualBatch
from gan_lightning.networks import Norm


class ImprovedGAN(FeatureMatching, OneSidedLabelSmoothing, VirtualBatch, HistoricalAveraging, ByShape):
    """Salimans et al. 2016, section 3, without the semi-supervised head (``SemiSupervisedGAN`` has it).

    ``minibatch_d="discrimination"`` adds the paper's fifth technique, which the authors use in the place of feature
    matching where pictures count more than classes.

    Args:
        norm_g: normalisation in the generator; batch norm becomes virtual.

    Example:
        >>> gan = ImprovedGAN(shape=(1, 16, 16), width_g=8, width_d=8)
        >>> gan.sample(2, seed=0).shape
        torch.Size([2, 1, 16, 16])
    """

    def __init__(self, *args: Any, norm_g: Norm = "batch", **kwargs: Any) -> None:
        super().__init__(*args, norm_g=norm_g, **kwargs)
