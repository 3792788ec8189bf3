"""Wavelet filters as matrices with the reflection at the borders built in: resampling by 2, and four frequency bands.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", appendix B,
    https://arxiv.org/abs/2006.06676. The filters: Daubechies 1992, "Ten lectures on wavelets", chapters 6 and 8.
"""

from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025)
SYM6 = (
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633,
    0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252,
    -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
)  # fmt: skip
MARGIN = len(SYM6) // 2 - 1
"""How many fine samples beyond each border the coarse samples at the border are made of."""
OFFSET = (MARGIN - sum(k * tap for k, tap in enumerate(SYM6)) / sum(SYM6)) / 2
"""Fine sample k lies at pixel ``k / 2 + OFFSET``: the filter is not symmetric, and this is its centre of mass."""


def reflect(position: Float[Tensor, "*shape"], size: int) -> Float[Tensor, "*shape"]:
    """Map positions on the line to [0, size - 1] by mirrors at the centres of the first and the last pixel.

    Example:
        >>> reflect(torch.tensor([-1.0, 0.0, 2.5, 4.0]), 4)
        tensor([1.0000, 0.0000, 2.5000, 2.0000])
    """
    last = max(size - 1, 1)
    folded = last - (position.remainder(2 * last) - last).abs()
    return folded.clamp(max=size - 1)


@lru_cache(maxsize=64)
def refine_matrix(size: int, device: torch.device, dtype: torch.dtype) -> Float[Tensor, "fine {size}"]:
    """Return the matrix that doubles the resolution, from ``size`` to ``2 size``, by the sym6 wavelet's lowpass."""
    with torch.inference_mode(False):
        fine = torch.arange(2 * size)[:, None]
        first = torch.div(fine + MARGIN, 2, rounding_mode="floor")
        pixel = first - torch.arange(len(SYM6) // 2)
        taps = torch.tensor(SYM6, dtype=torch.float64)[fine + MARGIN - 2 * pixel] * 2**0.5
        return _scatter(taps, pixel, size).to(device, dtype)


@lru_cache(maxsize=64)
def coarsen_matrix(size: int, device: torch.device, dtype: torch.dtype) -> Float[Tensor, "{size} fine"]:
    """Return the matrix that halves the resolution: ``2 size + 2 MARGIN`` fine samples to ``size`` pixels.

    It undoes ``refine_matrix`` exactly, since shifts of an orthogonal wavelet by whole pixels are orthogonal.
    """
    with torch.inference_mode(False):
        matrix = torch.zeros(size, 2 * size + 2 * MARGIN, dtype=torch.float64)
        for pixel in range(size):
            matrix[pixel, 2 * pixel : 2 * pixel + len(SYM6)] = torch.tensor(SYM6, dtype=torch.float64) / 2**0.5
        return matrix.to(device, dtype)


@lru_cache(maxsize=64)
def band_matrices(size: int, device: torch.device, dtype: torch.dtype) -> Float[Tensor, "4 {size} {size}"]:
    """Return four bandpass filters as matrices, from [0, pi/8] to [pi/2, pi]; they sum to the identity."""
    with torch.inference_mode(False):
        bands = band_filters()
        reach = bands.shape[1] // 2
        pixel = torch.arange(size)[:, None] + torch.arange(-reach, reach + 1)
        return torch.stack([_scatter(band.expand(size, -1), pixel, size) for band in bands]).to(device, dtype)


def band_filters() -> Float[Tensor, "4 taps"]:
    """Return the four bandpass filters, centred and symmetric, in float64.

    With the halfband ``L(z) = H(z) H(1/z) / 2`` of the sym2 wavelet H and its complement ``1 - L(z)``, the bands are
    ``L(z) L(z^2) L(z^4)``, ``L(z) L(z^2) (1 - L(z^4))``, ``L(z) (1 - L(z^2))`` and ``1 - L(z)``.

    Example:
        >>> band_filters().sum(0).round(decimals=6).nonzero()  # one at the centre of 43 taps
        tensor([[21]])
    """
    wavelet = torch.tensor(SYM2, dtype=torch.float64)
    halfband = _convolve(wavelet, wavelet.flip(0)) / 2
    kept, bands = torch.ones(1, dtype=torch.float64), []
    for stretch in (1, 2, 4):
        low = torch.zeros(stretch * (len(halfband) - 1) + 1, dtype=torch.float64)
        low[::stretch] = halfband
        high = -low
        high[len(low) // 2] += 1
        bands.append(_convolve(kept, high))
        kept = _convolve(kept, low)
    bands.append(kept)
    longest = len(kept)
    return torch.stack([torch.nn.functional.pad(b, [(longest - len(b)) // 2] * 2) for b in reversed(bands)])


def _convolve(a: Tensor, b: Tensor) -> Tensor:
    padded = torch.nn.functional.pad(a, [len(b) - 1] * 2)
    return padded.unfold(0, len(b), 1) @ b.flip(0)


def _scatter(taps: Float[Tensor, "rows taps"], pixel: Int[Tensor, "rows taps"], size: int) -> Float[Tensor, "rows n"]:
    """Return the matrix whose row i has ``taps[i]`` at the columns ``pixel[i]``, folded back at the borders."""
    column = reflect(pixel.double(), size).long()
    return torch.zeros(len(taps), size, dtype=taps.dtype).scatter_add_(1, column, taps)
