"""A GAN rebuilt from its checkpoint, and the averaged generator that the checkpoint may hold."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.cli import instantiate_module
from torch import Tensor, nn

from gan_lightning.callbacks.averaged_weights import fill, fitted
from gan_lightning.checkpoint_file import explained
from gan_lightning.compose import SEPARATOR, compose
from gan_lightning.gan import GAN

EMA_STATE = {"average", "images", "images_at_update"}
"""What ``GeneratorEMA`` keeps in a checkpoint, under a name that depends on its arguments."""


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Return what a checkpoint holds, on the CPU; plain data only.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint of Lightning's.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no checkpoint {str(path)!r}")
    with explained(path):
        checkpoint: Any = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise ValueError(f"{str(path)!r} is no checkpoint of Lightning's: it holds a {type(checkpoint).__name__}")
    return checkpoint


def rebuilt(path: str | Path) -> GAN:
    """Rebuild the GAN of a checkpoint, in evaluation mode on the CPU, with the weights of the last step.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it holds no GAN that can be rebuilt.
    """
    arguments = read_checkpoint(path).get("hyper_parameters", {})
    if not can_be_rebuilt(arguments):
        raise ValueError(
            f"{str(path)!r} does not say how to rebuild its networks, because it was not trained by the command line: "
            "load it in Python with MyGAN.load_from_checkpoint(path, generator=..., discriminator=...)",
        )
    cls = _known_class(arguments["_class_path"])
    gan: GAN = cls.load_from_checkpoint(path, map_location="cpu", weights_only=True)
    return gan.eval()


def can_be_rebuilt(arguments: Mapping[str, Any]) -> bool:
    """Tell whether the arguments that a checkpoint holds name the class, and so the networks."""
    return "_class_path" in arguments


def untrained(arguments: Mapping[str, Any]) -> GAN:
    """Build a GAN anew from the arguments that its checkpoint holds.

    Raises:
        ValueError: if its class is not known here.
    """
    plain = {name: value for name, value in arguments.items() if name != "_instantiator"}
    gan: GAN = instantiate_module(_known_class(arguments["_class_path"]), plain)
    return gan


def put_average(network: nn.Module, checkpoint: Mapping[str, Any]) -> bool:
    """Put the average that a checkpoint holds into its generator, if there is one of this generator."""
    for average in _averages(checkpoint):
        try:
            fill(network, fitted(average, network, type(network).__name__))
        except ValueError:  # of another network
            continue
        return True
    return False


def _averages(checkpoint: Mapping[str, Any]) -> Iterator[dict[str, Tensor]]:
    for state in checkpoint.get("callbacks", {}).values():
        if isinstance(state, dict) and state.keys() >= EMA_STATE and state["average"]:
            yield state["average"]


def _known_class(class_path: str) -> type[GAN]:
    """Find the class among those that are imported or composed of such; a checkpoint must not import code."""
    home, _, name = class_path.rpartition(".")
    if home == compose.__module__:
        return compose(*name.split(SEPARATOR))
    cls = getattr(sys.modules.get(home), name, None)
    if not (isinstance(cls, type) and issubclass(cls, GAN)):
        raise ValueError(
            f"the checkpoint was made by {class_path}, which is not known here: register its module as an entry point "
            "of the group gan_lightning.plugins, or load it in Python",
        )
    return cls
