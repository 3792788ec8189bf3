"""What is watched, and how, in plain data."""

from collections.abc import Iterable, Sequence
from typing import Any

from lightning.pytorch import LightningModule
from torch import nn

from gan_lightning.health.detector import Detector
from gan_lightning.probe import Probe


def facts_of(probe: Probe, module: LightningModule, detectors: Sequence[Detector]) -> dict[str, Any]:
    """Return the networks' paths by player, and the detectors with their thresholds."""
    networks = {"generator": _paths(module, probe.generators), "discriminator": _paths(module, probe.discriminators)}
    return {"networks": networks, "detectors": [_facts(detector) for detector in detectors]}


def _paths(module: LightningModule, networks: Iterable[nn.Module]) -> list[str]:
    paths = {part: path for path, part in module.named_modules()}
    return [paths.get(network, type(network).__name__) for network in networks]


def _facts(detector: Detector) -> dict[str, Any]:
    settings = {name: value for name, value in vars(detector).items() if not name.startswith("_")}
    return {"class": type(detector).__name__, "kind": detector.kind, "settings": settings}
