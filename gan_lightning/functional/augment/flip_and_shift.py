"""The mild change that consistency regularisation asks a discriminator to overlook.

Paper: Zhang et al. 2020, "Consistency regularization for generative adversarial networks", section 3.1 and table 4,
    https://arxiv.org/abs/1910.12027
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.affine import shifted
from gan_lightning.functional.augment.warp import copy_pixels


def flip_and_shift(
    x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 3"], reach: int = 4
) -> Float[Tensor, "n c h w"]:
    """Mirror half of the images, and move all by up to ``reach`` whole pixels; borders are reflected.

    Args:
        x: images.
        uniform: numbers in [0, 1): mirrored or not, the shift in x and in y.
        reach: longest shift in pixels; the paper's 4 is for 32 to 128 pixels.

    Example:
        >>> flip_and_shift(torch.tensor([[[[1.0, 2.0, 3.0]]]]), torch.tensor([[0.0, 0.5, 0.5]]))
        tensor([[[[3., 2., 1.]]]])
    """
    shift = (uniform[:, 1:] * (2 * reach + 1)).floor() - reach
    flip = torch.where(uniform[:, 0] < 0.5, -1.0, 1.0).to(uniform.dtype)
    return copy_pixels(x, shifted(torch.diag_embed(torch.stack([flip, torch.ones_like(flip)], 1)), shift))
