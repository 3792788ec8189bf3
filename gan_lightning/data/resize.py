"""Change of image size without aliasing."""

import torch
from torch import Tensor
from torch.nn import functional as F

_CHUNK = 4096  # images at a time, so that the float copy of a large data set never exists as a whole


def resize(images: Tensor, size: int, low: float, high: float) -> Tensor:
    """Resize to ``size`` x ``size`` by antialiased bicubic interpolation and keep range and dtype.

    Args:
        images: (N, C, H, W), floating or uint8.
        size: pixels per side of the result, at least 1; the images' own size changes nothing.
        low: smallest legal value; bicubic interpolation overshoots, the result is clamped.
        high: largest legal value.

    Example:
        >>> resize(torch.zeros(2, 1, 8, 8), 16, -1.0, 1.0).shape
        torch.Size([2, 1, 16, 16])
    """
    if images.shape[-2:] == (size, size):
        return images
    return torch.cat([_resized(chunk, size, low, high) for chunk in torch.split(images, _CHUNK)])


def require_size(size: int) -> int:
    """Return ``size``, or raise ValueError if it is below 1 pixel."""
    if size < 1:
        raise ValueError(f"size must be at least 1 pixel, got {size}")
    return size


def _resized(images: Tensor, size: int, low: float, high: float) -> Tensor:
    result = F.interpolate(images.float(), (size, size), mode="bicubic", antialias=True).clamp_(low, high)
    return result.to(images.dtype) if images.is_floating_point() else result.round_().to(images.dtype)
