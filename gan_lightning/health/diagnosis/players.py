"""Which networks a module's players are, and what trains them."""

from typing import NamedTuple

from lightning.pytorch import LightningModule
from torch import nn
from torch.optim import Optimizer

from gan_lightning.health.words import number
from gan_lightning.probe import Probe
from gan_lightning.probe.networks import Role, owns

SHOWN = ("lr", "betas", "momentum", "weight_decay")


class Player(NamedTuple):
    """A player as it was found.

    Args:
        networks: dotted paths.
        parameters: how many numbers are trained.
        optimizers: in words.
    """

    networks: list[str]
    parameters: int
    optimizers: list[str]


def players_of(probe: Probe, module: LightningModule) -> dict[Role, Player]:
    """Return both players."""
    paths = {part: path for path, part in module.named_modules()}
    networks: dict[Role, tuple[nn.Module, ...]] = {
        "generator": probe.generators,
        "discriminator": probe.discriminators,
    }
    return {
        role: Player(
            [f"{paths.get(each, '?')} ({type(each).__name__})" for each in found],
            len_of(found),
            [_told(each, found) for each in probe.optimizers[role]],
        )
        for role, found in networks.items()
    }


def len_of(networks: tuple[nn.Module, ...]) -> int:
    """Return how many numbers of some networks are trained."""
    return sum(p.numel() for p in {p for each in networks for p in each.parameters() if p.requires_grad})


def _told(optimizer: Optimizer, networks: tuple[nn.Module, ...]) -> str:
    own = getattr(optimizer, "_optimizer", optimizer)
    group = own.param_groups[0]
    settings = [f"{name} {_setting(group[name])}" for name in SHOWN if group.get(name)]
    updated = {p for each in own.param_groups for p in each["params"]}
    inside = {p for each in networks if owns(own, each) for p in each.parameters()}
    rest = sum(p.numel() for p in updated - inside)
    beside = f", and {rest:,} parameters of other networks" if rest else ""
    return f"{type(own).__name__} ({', '.join(settings)}){beside}"


def _setting(value: object) -> str:
    return number(value) if isinstance(value, float | int) else str(value)
