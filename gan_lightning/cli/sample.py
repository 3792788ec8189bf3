"""``gan-lightning sample``: pictures or arrays from a checkpoint."""

import sys
from argparse import ArgumentError
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_lightning.checkpoint_file import explained
from gan_lightning.compose import SEPARATOR, compose
from gan_lightning.gan import GAN


def sample(
    ckpt_path: str,
    num: int = 64,
    seed: int = 0,
    out: str = "samples.png",
    label: int | None = None,
    columns: int = 8,
) -> None:
    """Generate samples from a checkpoint that this command line trained.

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
    gan = load(ckpt_path)
    samples = gan.sample(num, label=label, seed=seed).cpu()
    if kind == ".npz":
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(out, samples=samples.numpy())
    else:
        _write_picture(samples, out, columns)
    print(f"{num} samples: {out}")


def load(ckpt_path: str) -> GAN:
    """Rebuild the GAN of a checkpoint, in evaluation mode on the CPU.

    Raises:
        argparse.ArgumentError: if there is no such file, or it holds no GAN that can be rebuilt.
    """
    if not Path(ckpt_path).is_file():
        raise ArgumentError(None, f"there is no checkpoint {ckpt_path!r}")
    with explained(ckpt_path):
        checkpoint: Any = torch.load(ckpt_path, map_location="cpu", weights_only=True)
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise ValueError(f"{ckpt_path!r} is no checkpoint of Lightning's: it holds a {type(checkpoint).__name__}")
    class_path = checkpoint.get("hyper_parameters", {}).get("_class_path")
    if class_path is None:
        raise ArgumentError(
            None,
            f"{ckpt_path!r} does not say how to rebuild its networks, because it was not trained by the command line: "
            "load it in Python with MyGAN.load_from_checkpoint(path, generator=..., discriminator=...)",
        )
    gan: GAN = _known_class(class_path).load_from_checkpoint(ckpt_path, map_location="cpu", weights_only=True)
    return gan.eval()


def _known_class(class_path: str) -> type[GAN]:
    """Find the class among those that are imported or composed of such; a checkpoint must not import code."""
    home, _, name = class_path.rpartition(".")
    if home == compose.__module__:
        return compose(*name.split(SEPARATOR))
    cls = getattr(sys.modules.get(home), name, None)
    if not (isinstance(cls, type) and issubclass(cls, GAN)):
        raise ArgumentError(
            None,
            f"the checkpoint was made by {class_path}, which is not known here: register its module as an entry point "
            "of the group gan_lightning.plugins, or load it in Python",
        )
    return cls


def _write_picture(samples: torch.Tensor, out: str, columns: int) -> None:
    from gan_lightning.callbacks.sample_grid import draw_images, draw_points
    from gan_lightning.logging.image import write_png

    if samples.ndim == 4 and samples.shape[1] in (1, 3):
        write_png(Path(out), draw_images(samples, columns))
    elif samples.shape[1:] == (2,):
        write_png(Path(out), draw_points(samples))
    else:
        raise ArgumentError(None, f"samples of shape {tuple(samples.shape[1:])} are no picture: let --out end in .npz")
