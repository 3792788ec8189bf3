"""Samples as rows of a table, each with the seed that draws it again."""

from typing import Any

import numpy as np
from lightning.pytorch import LightningModule
from torch import Tensor

from gan_lightning.isolation import kept_random
from gan_lightning.logging.image import Picture
from gan_lightning.logging.table import Cell

SIDE = 64
"""Pixels that smaller images are enlarged to."""

MANY = 8
"""Numbers of a vector that still fit into a table."""


def sample_rows(module: LightningModule, num: int, seed: int) -> tuple[list[str], list[list[Cell]]]:
    """Return columns and rows: the seed, the class if there are any, and an image, or the numbers of a vector.

    ``module.sample(1, seed=...)``, with ``label=...`` for a class, draws a row again.

    Args:
        module: with ``sample(n, seed=...)``.
        num: how many samples.
        seed: of the first; each next one has the next.

    Raises:
        ValueError: if a sample is neither an image nor a short vector.
    """
    makes_classes = "generator" in getattr(module, "tells_classes", ())
    num_classes: int = module.num_classes if makes_classes else 0  # type: ignore[assignment]
    head: list[str] = []
    rows: list[list[Cell]] = []
    for place in range(num):
        label = {"label": place % num_classes} if num_classes else {}
        with kept_random():
            sample: Tensor = module.sample(1, seed=seed + place, **label)[0]  # type: ignore[operator]
        names, cells = _cells(sample.detach().float().cpu())
        head = ["seed", *label, *names]
        rows.append([seed + place, *label.values(), *cells])
    return head, rows


def _cells(sample: Tensor) -> tuple[list[str], list[Any]]:
    if sample.ndim == 3 and sample.shape[0] in (1, 3):
        return ["image"], [_picture(sample)]
    if sample.ndim == 1 and len(sample) <= MANY:
        return [f"x{place}" for place in range(len(sample))], sample.tolist()
    raise ValueError(
        f"a table shows images (1 or 3, H, W) and vectors of at most {MANY} numbers, but the samples are "
        f"{tuple(sample.shape)}"
    )


def _picture(image: Tensor) -> Picture:
    """Return an image (1 or 3, H, W) in [-1, 1] as (H', W', 3) uint8, enlarged by whole pixels if it is small."""
    pixels = ((image.clamp(-1, 1) + 1) * 127.5).round().numpy().astype(np.uint8).transpose(1, 2, 0)
    factor = max(1, -(-SIDE // min(pixels.shape[:2])))
    return pixels.repeat(factor, 0).repeat(factor, 1).repeat(3 // pixels.shape[2], 2)
