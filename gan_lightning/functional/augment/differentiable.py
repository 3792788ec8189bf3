"""Differentiable augmentation: colour, translation and cutout, applied to every image.

Paper: Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training", section 3.3 and appendix,
    https://arxiv.org/abs/2006.10738
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.warp import copy_pixels


def jitter_color(x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 3"]) -> Float[Tensor, "n c h w"]:
    """Add a brightness in [-0.5, 0.5], scale the saturation by a factor in [0, 2], the contrast by one in [0.5, 1.5].

    Args:
        x: images in [-1, 1]; the saturation of a grey one stays.
        uniform: numbers in [0, 1): brightness, saturation, contrast.

    Example:
        >>> jitter_color(torch.zeros(1, 1, 1, 2), torch.tensor([[1.0, 0.5, 0.5]]))
        tensor([[[[0.5000, 0.5000]]]])
    """
    brightness, saturation, contrast = uniform[:, :, None, None, None].unbind(1)
    x = x + (brightness - 0.5)
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * (2 * saturation)
    level = x.mean((1, 2, 3), keepdim=True)
    return level + (x - level) * (contrast + 0.5)


def translate(x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 2"]) -> Float[Tensor, "n c h w"]:
    """Move images by up to 1/8 of their size in whole pixels, and fill with zeros.

    Args:
        x: images.
        uniform: numbers in [0, 1): the shift in x and in y.

    Example:
        >>> translate(torch.arange(8.0).view(1, 1, 1, 8) + 1, torch.tensor([[0.99, 0.5]]))
        tensor([[[[0., 1., 2., 3., 4., 5., 6., 7.]]]])
    """
    height, width = x.shape[2:]
    reach = [int(width / 8 + 0.5), int(height / 8 + 0.5)]
    span = uniform.new_tensor([2 * r + 1 for r in reach])
    shift = (uniform * span).floor() - uniform.new_tensor(reach)
    stay = torch.eye(2, device=uniform.device, dtype=uniform.dtype).expand(len(x), 2, 2)
    moved = copy_pixels(x, torch.cat([stay, -shift[:, :, None]], 2))
    across, down = (
        (source >= 0) & (source < size)
        for size, amount in ((width, shift[:, 0]), (height, shift[:, 1]))
        for source in [torch.arange(size, device=x.device) - amount[:, None]]
    )
    return moved.masked_fill(~(down[:, :, None] & across[:, None, :])[:, None], 0.0)


def cut_half(x: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n 2"]) -> Float[Tensor, "n c h w"]:
    """Set a rectangle of half the height and half the width to zero; its centre is any pixel.

    Args:
        x: images.
        uniform: numbers in [0, 1): the centre in x and in y.

    Example:
        >>> cut_half(torch.ones(1, 1, 1, 4), torch.tensor([[0.5, 0.5]]))
        tensor([[[[1., 0., 0., 1.]]]])
    """
    height, width = x.shape[2:]
    across, down = (_hole(size, uniform[:, axis], x.device) for axis, size in enumerate((width, height)))
    return x.masked_fill((down[:, :, None] & across[:, None, :])[:, None], 0.0)


def _hole(size: int, uniform: Tensor, device: torch.device) -> Tensor:
    length = int(size / 2 + 0.5)
    # An even length has no middle pixel: one more place, so that both ends of the image are cut as often.
    start = (uniform * (size + 1 - length % 2)).floor() - length // 2
    pixel = torch.arange(size, device=device) - start[:, None]
    return (pixel >= 0) & (pixel < length)
