"""What one process trains on a joined batch and several on their shares of it: all recipes, mixins and layers."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import torch
from helpers import trainer
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.strategies import DDPStrategy
from over_ranks import synchronise_batch_norm
from techniques import MIXINS, own_arguments, toy
from torch import Tensor

from gan_lightning import GAN, gans, losses
from gan_lightning.data import TensorLoader

JOINED = 32
STEPS = 20
LABELLED = {"ACGAN", "ProjectionGAN", "SemiSupervisedGAN"}


class Case(NamedTuple):
    """One training.

    Args:
        unit: what is trained, a key of ``UNITS``.
        setting: how, a key of ``SETTINGS``.
        precision: of weights, samples and arithmetic.
    """

    unit: str
    setting: str = "plain"
    precision: Literal["64-true", "32-true"] = "64-true"

    def __str__(self) -> str:
        return ", ".join(self)


def recipe(cls: type[GAN], **settings: Any) -> GAN:
    """Build a recipe for images of 8 x 8 pixels."""
    torch.manual_seed(1)
    sizes = {"shape": (1, 8, 8), "width_d": 4, "width_g": 4, "latent_dim": 16, "d_steps": 1}
    classes = {"num_classes": 3} if cls.__name__ in LABELLED else {}
    return cls(**{**sizes, **classes, **settings})


def lazily(cls: type[GAN]) -> dict[str, Any]:
    """Return the settings at which what a technique does at intervals is done at every second of its turns."""
    own = {p.name for base in cls.__mro__ if base in MIXINS for p in own_arguments(base)}
    return {name: 2 for name in sorted(own) if name.endswith("_every")}


LAYERS: dict[str, dict[str, Any]] = {
    "two generator steps": {"g_steps": 2},
    "clipped": {"clip_d": 1e-2, "clip_g": 1e-2},
    "relativistic average": {"loss": losses.RelativisticAverage()},
    "relativistic paired": {"loss": losses.RelativisticPaired()},
    "spectral norm": {"norm_d": "spectral"},
    "batch norm": {"norm_d": "batch", "norm_g": "batch"},
    "minibatch discrimination": {"minibatch_d": "discrimination"},
    "minibatch stddev": {"minibatch_d": "stddev"},
}
RECIPES: dict[str, type[GAN]] = {name: getattr(gans, name) for name in gans.__all__}
TECHNIQUES: dict[str, type[GAN]] = {cls.__name__: cls for cls in MIXINS}
UNITS: dict[str, Callable[..., GAN]] = {
    **{name: partial(toy, **settings) for name, settings in LAYERS.items()},
    **{name: partial(recipe, cls) for name, cls in RECIPES.items()},
    **{name: partial(toy, cls) for name, cls in TECHNIQUES.items()},
}
SHAPES = dict.fromkeys(RECIPES, (1, 8, 8))
LAZY = {name: lazily(cls) for name, cls in {**RECIPES, **TECHNIQUES}.items() if lazily(cls)}

PARTS = {"micro_batches_d": 2, "micro_batches_g": 2}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "n_critic": {"d_steps": 3},
    "accumulated": PARTS,
    "lazy": {},
    "labelled": {"num_classes": 3},
    "compiled": {"compile": {"backend": "aot_eager"}},
    "all at once": {"d_steps": 3, **PARTS, "num_classes": 3},
}
"""``lazy`` and ``all at once`` also make a technique's intervals 2."""


REFUSED: dict[str, dict[str, Any]] = {
    "PacDCGAN": {"num_classes": 0},
    "PacGAN": {"num_classes": 0},
    "UnrolledGAN": {"micro_batches_d": 1, "micro_batches_g": 1},
}
"""Settings that a unit refuses, with the values that it has in their place."""


def build(case: Case) -> GAN:
    """Return the untrained GAN of a case.

    In float32 it has no Adam: where a gradient is zero but for rounding (D's last bias under a relativistic loss, a
    bias before batch norm), Adam makes steps of full size out of the rounding, which no two orders of summing share.
    """
    lazy = LAZY.get(case.unit, {}) if case.setting in ("lazy", "all at once") else {}
    sgd = partial(torch.optim.SGD, lr=1e-2)
    optimizers = {"optimizer_d": sgd, "optimizer_g": sgd} if case.precision == "32-true" else {}
    gan = UNITS[case.unit](**{**SETTINGS[case.setting], **lazy, **REFUSED.get(case.unit, {}), **optimizers})
    return gan.double() if case.precision == "64-true" else gan


def train(case: Case, ranks: int, shares: int, **arguments: Any) -> dict[str, Tensor]:
    """Train on one of ``ranks`` processes and return each player's first gradient, and all state at the end.

    Args:
        case: what is trained.
        ranks: processes that train; each has an equal share of the joined batch.
        shares: into how many the joined batch is cut, for the order of its samples: a micro-batch of all ranks
            together is one micro-batch of the one process.
        arguments: of the trainer, in the place of those for the CPU.
    """
    gan, rank = build(case), int(os.environ.get("LOCAL_RANK", 0))
    if ranks > 1 and "sync_batchnorm" not in arguments:
        synchronise_batch_norm(gan)
    samples, labels = _joined(case, gan, shares if ranks == 1 else 1)
    tensors = [samples, labels] if gan.num_classes else [samples]
    data = TensorLoader(*tensors, batch_size=JOINED // ranks, shuffle=False)
    gradients = FirstGradients()
    torch.manual_seed(2 + rank)  # the spine makes the ranks agree
    strategy = DDPStrategy(process_group_backend="gloo") if ranks > 1 else "auto"
    asked = {"devices": ranks, "strategy": strategy, "max_steps": STEPS, "precision": case.precision, **arguments}
    trainer(callbacks=[gradients], **asked).fit(gan, data)
    return {**gradients.found, "state": _flat([x.double() for x in gan.state_dict().values()])}


class FirstGradients(Callback):
    """Keep each player's gradient at its first update, as it is before it is clipped."""

    def __init__(self) -> None:
        self.found: dict[str, Tensor] = {}

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: Any, optimizer: Any) -> None:
        name = "d" if pl_module._player_d.owns(optimizer) else "g"
        if name not in self.found:
            params = [p for group in optimizer.param_groups for p in group["params"]]
            # Whether an unused head has no gradient or one of zeros is the compiler's choice.
            self.found[name] = _flat([torch.zeros_like(p) if p.grad is None else p.grad for p in params])


def _joined(case: Case, gan: GAN, shares: int) -> tuple[Tensor, Tensor]:
    """Draw all samples (N, ...) and labels (N,), batch by batch, each in the order in which the shares use them."""
    shape = SHAPES.get(case.unit, (2,))
    generator = torch.Generator().manual_seed(5)
    count = STEPS * gan.d_steps
    samples = torch.randn(count, JOINED, *shape, generator=generator, dtype=gan.dtype).clamp(-1, 1)
    labels = torch.randint(3, (count, JOINED), generator=generator)
    return _by_parts(samples, shares, gan.micro_batches_d), _by_parts(labels, shares, gan.micro_batches_d)


def _by_parts(x: Tensor, shares: int, parts: int) -> Tensor:
    return x.unflatten(1, (shares, parts, -1)).transpose(1, 2).flatten(0, 3)


def _flat(tensors: list[Tensor]) -> Tensor:
    return torch.cat([x.detach().flatten() for x in tensors])
