"""The optimizers of a player, and whether the gradients that a callback sees before a step are the true ones."""

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.plugins.precision import MixedPrecision
from torch import nn
from torch.optim import LBFGS, Optimizer

from gan_lightning.probe.networks import Role, conventional, owns, path_of


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


def own_optimizers(trainer: Trainer, network: nn.Module, role: Role) -> tuple[Optimizer, ...]:
    """Return the optimizers that update a network and not the other player, so that their steps are its updates.

    Raises:
        ValueError: if there is none, or one updates both players.
    """
    found = optimizers_of(trainer, network, role)
    others = conventional(trainer.lightning_module, "generator" if role == "discriminator" else "discriminator")
    own = set(network.parameters())
    for path, other in others.items():
        if own.isdisjoint(other.parameters()) and any(owns(optimizer, other) for optimizer in found):
            raise ValueError(
                f"one optimizer updates both players, the {role} {path_of(trainer.lightning_module, network)} and "
                f"{path}, so that its steps do not tell whose update they are: return an optimizer for each from "
                "configure_optimizers"
            )
    return found


def check_whole(module: LightningModule, network: nn.Module, optimizers: tuple[Optimizer, ...], role: Role) -> None:
    """Refuse a network that was found by its name, and is only a part of what its optimizers train.

    Raises:
        ValueError: if they train other parameters of the module, too.
    """
    own = set(network.parameters())
    rest = {p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]} - own
    names = [name.rpartition(".")[0] or name for name, p in module.named_parameters() if p in rest and p.requires_grad]
    if names:
        found, others = path_of(module, network), ", ".join(list(dict.fromkeys(names))[:4])
        raise ValueError(
            f"the {role} looks like {found}, but its optimizer trains {others} too: put all that belongs to it into "
            f"one module and name that, {role}='path.to.it', or say {role}={found!r} if it alone is meant"
        )


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
