"""Random changes of colour.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", appendix B (color
    transformations), https://arxiv.org/abs/2006.06676
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.normal import lognormal, normal


def change_color(
    x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 10"], p: Float[Tensor, ""]
) -> Float[Tensor, "n c h w"]:
    """Change brightness, contrast, the sign of the luma, the hue and the saturation, each with probability ``p``.

    Brightness adds N(0, 0.2^2). Contrast and saturation are factors, lognormal with deviations ``0.5 ln 2`` and
    ``ln 2``. The luma axis is (1, 1, 1): all but brightness keep it, so luma and chroma are changed by themselves.
    Grey images have no hue and no saturation: those two are left out.

    Args:
        x: images in [-1, 1] with one or three channels.
        uniform: numbers in [0, 1): the five gates, then the five values.
        p: probability in [0, 1].

    Raises:
        ValueError: if there are neither one nor three channels.

    Example:
        >>> x = torch.rand(4, 3, 8, 8)
        >>> torch.equal(change_color(x, torch.rand(4, 10), torch.tensor(0.0)), x)
        True
    """
    channels = x.shape[1]
    if channels not in (1, 3):
        raise ValueError(
            f"colours are changed in images with 1 or 3 channels, got {channels}: leave 'color' out of the policy"
        )
    on = uniform[:, :5] < p
    value = uniform[:, 5:]
    brightness = (0.2 * normal(value[:, 0])).where(on[:, 0], 0.0)
    contrast = lognormal(value[:, 1], 0.5).where(on[:, 1], 1.0)
    luma = contrast.where(~(on[:, 2] & (value[:, 2] < 0.5)), -contrast)
    if channels == 1:
        changed, touched = luma[:, None, None, None] * (x + brightness[:, None, None, None]), on[:, :3]
    else:
        angle = ((2 * value[:, 3] - 1) * math.pi).where(on[:, 3], 0.0)
        chroma = contrast * lognormal(value[:, 4], 1.0).where(on[:, 4], 1.0)
        bias = (luma * brightness)[:, None, None].expand(-1, 3, 1)
        changed, touched = torch.baddbmm(bias, _matrix(luma, chroma, angle), x.flatten(2)).view_as(x), on
    return changed.where(touched.any(1)[:, None, None, None], x)


def _matrix(luma: Tensor, chroma: Tensor, angle: Tensor) -> Float[Tensor, "n 3 3"]:
    """Scale along the luma axis by ``luma``; around it, turn by ``angle`` and scale by ``chroma``."""
    grey = luma.new_full((3, 3), 1 / 3)
    eye = torch.eye(3, device=luma.device, dtype=luma.dtype)
    quarter = (eye.roll(1, 0) - eye.roll(-1, 0)) / math.sqrt(3)  # the cross product with the axis
    luma, cos, sin = (v[:, None, None] for v in (luma, chroma * angle.cos(), chroma * angle.sin()))
    return luma * grey + cos * (eye - grey) + sin * quarter
