"""``gan-lightning sample``: pictures or arrays from a checkpoint."""

from argparse import ArgumentError
from pathlib import Path

import numpy as np
import torch

from gan_lightning.rebuilt import put_average, read_checkpoint, rebuilt


def sample(
    ckpt_path: str,
    num: int = 64,
    seed: int = 0,
    out: str = "samples.png",
    label: int | None = None,
    columns: int = 8,
) -> None:
    """Generate samples from a checkpoint that this command line trained, with the averaged generator if it holds one.

    Args:
        ckpt_path: the checkpoint.
        num: how many samples.
        seed: of the latents; the same seed draws the same samples.
        out: .png for images (and points in the plane), .npz for anything: the array ``samples``.
        label: the class of all samples, where the networks take labels; by default all classes in turn.
        columns: columns of the picture.
    """
    if columns < 1:
        raise ArgumentError(None, f"--columns must be at least 1, got {columns}")
    kind = Path(out).suffix
    if kind not in (".png", ".npz"):
        raise ArgumentError(None, f"--out must end in .png or .npz, got {out!r}")
    gan = rebuilt(ckpt_path)
    is_average = put_average(gan.generator, read_checkpoint(ckpt_path))
    samples = gan.sample(num, label=label, seed=seed).cpu()
    if kind == ".npz":
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(out, samples=samples.numpy())
    else:
        _write_picture(samples, out, columns)
    print(f"{num} samples: {out}" + (" (of the averaged generator)" if is_average else ""))


def _write_picture(samples: torch.Tensor, out: str, columns: int) -> None:
    from gan_lightning.logging.image import write_png
    from gan_lightning.pictures import draw_images, draw_points
    from gan_lightning.pictures.images import is_image, is_plane
    from gan_lightning.pictures.style import pixels

    if is_image(samples):
        write_png(Path(out), pixels(draw_images(samples, columns)))
    elif is_plane(samples):
        write_png(Path(out), pixels(draw_points(samples)))
    else:
        raise ArgumentError(None, f"samples of shape {tuple(samples.shape[1:])} are no picture: let --out end in .npz")
