"""What the contract suite knows of each mixin: how to switch it off, what it needs of the toy, how it shows itself."""

import inspect
from typing import Any

import torch
from helpers import Batches, fit, weights
from lightning.pytorch import Trainer
from torch import Tensor

from gan_lightning import GAN, mixins
from gan_lightning.gans import VanillaGAN

NEUTRAL: dict[str, dict[str, Any]] = {
    "DRAGAN": {"dragan_weight": 0.0},
    "FiniteDifferencePenalty": {"fd_r1_gamma": 0.0, "fd_r2_gamma": 0.0},
    "GradientPenalty": {"gp_weight": 0.0},
    "OrthogonalRegularization": {"orthogonal_g": 0.0, "orthogonal_d": 0.0},
    "R1": {"r1_gamma": 0.0},
    "R2": {"r2_gamma": 0.0},
    "WeightClipping": {"weight_clip": 0.0},
    "ZeroCenteredPenalty": {"zero_centered_weight": 0.0},
}
"""Per mixin, the setting at which training is plain GAN, bit for bit."""

NEEDS: dict[str, dict[str, Any]] = {}
"""Arguments of the toy (``VanillaGAN``) without which a mixin makes no sense; also given to the plain GAN."""

ACTIVE: dict[str, dict[str, Any]] = {}
"""Own settings at which a mixin shows itself within four iterations, where its default does not."""

ORDERED: dict[frozenset[str], str] = {}
"""Pairs whose order matters, and why."""

DRAWS: frozenset[str] = frozenset({"DRAGAN", "FiniteDifferencePenalty", "GradientPenalty", "ZeroCenteredPenalty"})
"""Mixins that draw random numbers while they train: in another order, two of them draw others."""

EXCLUSIVE: dict[frozenset[str], str] = {}
"""Pairs that refuse each other, and the words with which they do."""

MIXINS = [getattr(mixins, name) for name in mixins.__all__]


def toy(*parts: type[GAN], neutral: bool = False, seed: int = 1, **arguments: Any) -> GAN:
    """Build the mixins on small fully connected networks for points in the plane."""
    torch.manual_seed(seed)
    for part in parts:
        own = NEUTRAL if neutral else ACTIVE
        arguments = {**NEEDS.get(part.__name__, {}), **own.get(part.__name__, {}), **arguments}
    arguments = {"width_d": 8, "width_g": 8, "latent_dim": 4, "depth_d": 1, "depth_g": 1, **arguments}
    return type("Toy", (*parts, VanillaGAN), {})(shape=(2,), **arguments)


def plain(part: type[GAN], **arguments: Any) -> GAN:
    """Build the toy without the mixin, but with what the mixin needs."""
    return toy(**NEEDS.get(part.__name__, {}), **arguments)


def batches(gan: GAN, n: int = 8, count: int = 4) -> Batches:
    """Points in the plane, with labels of three classes if the GAN has classes."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(count, n, 2, generator=generator, dtype=gan.dtype)
    if gan.num_classes == 0:
        return Batches(*points)
    return Batches(*([x, torch.arange(n) % gan.num_classes] for x in points))


def fitted(gan: GAN, **arguments: Any) -> Trainer:
    """Train the toy for four iterations."""
    return fit(gan, batches(gan), **arguments)


def trained(gan: GAN, **arguments: Any) -> Tensor:
    """Train the toy for four iterations and return its weights."""
    fitted(gan, **arguments)
    return weights(gan)


def own_arguments(cls: type) -> list[inspect.Parameter]:
    """Return the constructor arguments that a mixin brings."""
    parameters = inspect.signature(vars(cls)["__init__"]).parameters.values()
    return [p for p in parameters if p.kind is p.KEYWORD_ONLY]
