"""The optimizers of a player, and whether the gradients that a callback sees before a step are the true ones."""

from lightning.pytorch import Trainer
from lightning.pytorch.plugins.precision import MixedPrecision
from torch import nn
from torch.optim import LBFGS, Optimizer

from gan_lightning.probe.networks import Role, owns


def optimizers_of(trainer: Trainer, network: nn.Module, role: Role) -> tuple[Optimizer, ...]:
    """Return the optimizers that update a network.

    Raises:
        ValueError: if there is none.
    """
    found = tuple(optimizer for optimizer in trainer.optimizers if owns(optimizer, network))
    if not found:
        raise ValueError(
            f"none of the {len(trainer.optimizers)} optimizers updates the {role} {type(network).__name__}: "
            f"name the network that is trained, {role}='path.to.it', and return its optimizer from "
            "configure_optimizers"
        )
    return found


def check_gradients(trainer: Trainer, optimizers: tuple[Optimizer, ...], wanted_by: str) -> None:
    """Refuse optimizers whose gradients cannot be read or changed in ``on_before_optimizer_step``.

    Raises:
        ValueError: for LBFGS, which also needs the loss, and for fused optimizers that unscale 16-bit gradients
            themselves, later.
    """
    precision = trainer.precision_plugin
    scales = isinstance(precision, MixedPrecision) and precision.scaler is not None
    for optimizer in optimizers:
        if isinstance(optimizer, LBFGS):
            raise ValueError(
                f"{wanted_by} changes gradients, and LBFGS also needs the loss that belongs to them: "
                "choose another optimizer"
            )
        if scales and getattr(optimizer, "_step_supports_amp_scaling", False):
            raise ValueError(
                f"{wanted_by} needs true gradients, and a fused {type(optimizer).__name__} with 16-mixed precision "
                "has scaled ones until inside its step: pass fused=False, or train with bf16-mixed"
            )
