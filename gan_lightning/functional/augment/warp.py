"""Affine warps of images, by copies of pixels or by interpolation, which can be differentiated twice.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", appendix B,
    https://arxiv.org/abs/2006.06676
Differs: the paper pads by a margin that the batch decides, which has the host wait for the device; here the image is
    reflected as often as a position asks for, and the shapes are fixed. The wavelet's delay is taken from its centre of
    mass, not from the middle of its taps, which is 0.2 pixels off.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lightning.functional.augment.wavelets import MARGIN, OFFSET, coarsen_matrix, refine_matrix, reflect

BILINEAR, BORDER = 0, 1  # as torch's kernel numbers them


def copy_pixels(x: Float[Tensor, "n c h w"], source: Float[Tensor, "n 2 3"]) -> Float[Tensor, "n c h w"]:
    """Fill each pixel with a copy of the pixel nearest to where it comes from; the image is mirrored at its borders.

    Args:
        x: images.
        source: the affine map from a pixel's (column, row), counted from the image's centre, to where it comes from.

    Example:
        >>> flip = torch.tensor([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> copy_pixels(torch.tensor([[[[1.0, 2.0, 3.0]]]]), flip)
        tensor([[[[3., 2., 1.]]]])
    """
    n, channels, height, width = x.shape
    columns = torch.arange(width, device=x.device, dtype=source.dtype)
    rows = torch.arange(height, device=x.device, dtype=source.dtype)
    column, row = _positions(source, columns, rows, height, width)
    index = (row.round() * width + column.round()).long().view(n, 1, height * width)
    return x.flatten(2).gather(2, index.expand(-1, channels, -1)).view_as(x)


def warp_smoothly(x: Float[Tensor, "n c h w"], source: Float[Tensor, "n 2 3"]) -> Float[Tensor, "n c h w"]:
    """Warp images at twice their resolution: sym6 upsampling, bilinear interpolation, sym6 downsampling.

    Args:
        x: images.
        source: as of ``copy_pixels``; it is a constant, no gradient flows to it.

    Example:
        >>> x = torch.randn(1, 1, 8, 8)
        >>> stay = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> torch.allclose(warp_smoothly(x, stay)[..., 3:5, 3:5], x[..., 3:5, 3:5], atol=1e-5)
        True
    """
    height, width = x.shape[2:]
    kind = (x.device, x.dtype)
    fine = refine_matrix(height, *kind) @ x @ refine_matrix(width, *kind).T
    columns, rows = (_fine_positions(size, x) for size in (width, height))
    column, row = _positions(source, columns, rows, height, width)
    # From pixels to samples of the fine image, and from those to the [-1, 1] of torch's kernel.
    grid = torch.stack([4 * (at - OFFSET) / (2 * size - 1) - 1 for at, size in ((column, width), (row, height))], -1)
    warped: Tensor = _Interpolate.apply(fine, grid)
    return coarsen_matrix(height, *kind) @ warped @ coarsen_matrix(width, *kind).T


def _fine_positions(size: int, like: Tensor) -> Tensor:
    return torch.arange(-MARGIN, 2 * size + MARGIN, device=like.device, dtype=like.dtype) / 2 + OFFSET


def _positions(source: Tensor, columns: Tensor, rows: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return where each pixel comes from: columns and rows, (N, rows, columns) each, reflected into the image."""
    across, down = (width - 1) / 2, (height - 1) / 2
    u, v = (columns - across)[None, None, :], (rows - down)[None, :, None]
    m = source[:, :, :, None, None]
    column = m[:, 0, 0] * u + m[:, 0, 1] * v + m[:, 0, 2] + across
    row = m[:, 1, 0] * u + m[:, 1, 1] * v + m[:, 1, 2] + down
    return reflect(column, width), reflect(row, height)


class _Interpolate(torch.autograd.Function):
    """torch's kernel, but differentiable twice: it is linear in x, so it is its adjoint's adjoint."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = x.shape
        return torch.grid_sampler(x.contiguous(), grid, BILINEAR, BORDER, True)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (grid,) = ctx.saved_tensors
        return _Spread.apply(gradients[0], grid, ctx.shape), None


class _Spread(torch.autograd.Function):
    """The adjoint of ``_Interpolate``: adds each sample to the four pixels it was made of."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        blank = gradient.new_zeros(shape)  # the kernel reads its shape, and its values only for the grid's gradient
        spread: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            gradient.contiguous(), blank, grid, BILINEAR, BORDER, True, [True, False]
        )[0]
        return spread

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _Interpolate.apply(gradients[0], grid), None, None
