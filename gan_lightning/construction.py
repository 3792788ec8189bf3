"""Mistakes found when a GAN is built."""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any

from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from gan_lightning.losses import AdversarialLoss

if TYPE_CHECKING:
    from gan_lightning.gan import GAN

COUNTS = ("latent_dim", "d_steps", "g_steps", "micro_batches_d", "micro_batches_g")


def check_construction(gan: "GAN") -> None:
    """Check the constructor's arguments, and the networks against them.

    Raises:
        ValueError: if one is out of range, or a network was built for other latents or classes.
        TypeError: if one is of another type.
    """
    for name in COUNTS:
        check_count(name, getattr(gan, name), 1)
    check_count("num_classes", gan.num_classes, 0)
    for name in ("clip_d", "clip_g"):
        value = getattr(gan, name)
        _check_type(name, value, int | float | None, "a number or None")
        if value is not None and value <= 0:
            raise ValueError(f"{name} must be positive, got {value}; use None to leave the gradient as it is")
    if gan.scheduler_interval not in ("iteration", "epoch"):
        raise ValueError(f"scheduler_interval must be 'iteration' or 'epoch', got {gan.scheduler_interval!r}")
    _check_type("loss", gan.loss, AdversarialLoss, "an instance, as in gan_lightning.losses.Hinge()")
    _check_type("compile", gan.compile_networks, bool | dict, "True, False, or arguments of torch.compile")
    for name in ("optimizer_d", "optimizer_g"):
        _check_type(name, getattr(gan, name), Callable, "a class or function that builds one from parameters")
    for player, network in (("generator", gan.generator), ("discriminator", gan.discriminator)):
        _check_type(f"the {player}", network, nn.Module, "a torch.nn.Module")
        told = gan.num_classes if player in gan.tells_classes else 0
        _check_network(player, network, {"latent_dim": gan.latent_dim, "num_classes": told})


def check_schedulers(schedulers: list[Any]) -> None:
    """Check what the module's scheduler arguments have built.

    Raises:
        ValueError: if one waits for a loss to stop falling.
    """
    if any(isinstance(scheduler, ReduceLROnPlateau) for scheduler in schedulers):
        raise ValueError(
            "ReduceLROnPlateau waits for a loss to stop falling, and a GAN's losses tell no progress: "
            "choose a scheduler that counts iterations or epochs"
        )


def check_count(name: str, value: object, least: int) -> None:
    """Check an argument that counts something.

    Raises:
        TypeError: if it is no ``int``.
        ValueError: if it is below ``least``.
    """
    if type(value) is not int:
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")


def check_weight(name: str, value: object) -> None:
    """Check an argument that weighs a term.

    Raises:
        TypeError: if it is no number.
        ValueError: if it is negative, infinite or NaN.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, got {value!r:.60}")
    if not 0 <= value < inf:
        raise ValueError(f"{name} must be 0 or more and finite, got {value}")


def _check_type(name: str, value: object, kind: Any, wanted: str) -> None:
    if not isinstance(value, kind):
        got = f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
        raise TypeError(f"{name} must be {wanted}, got {got}")


def _check_network(player: str, network: nn.Module, expected: dict[str, int]) -> None:
    for name, value in expected.items():
        built_for = getattr(network, name, value)
        if isinstance(built_for, int) and built_for != value:
            raise ValueError(
                f"the {player} {type(network).__name__} was built with {name}={built_for}, "
                f"but the GAN gives it {name}={value}: build it for that"
            )
