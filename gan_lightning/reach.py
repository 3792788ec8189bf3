"""What no gradient reaches does not train; torch says so late and in its own words, or not at all."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import torch
from lightning.pytorch.strategies import ModelParallelStrategy
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor
from torch.nn import Parameter

from gan_lightning.isolation import undisturbed

if TYPE_CHECKING:
    from gan_lightning.gan import GAN
    from gan_lightning.module import AdversarialModule


def check_graphs(gan: "GAN", real: Tensor, label: Tensor | None, frozen: AbstractContextManager[None]) -> None:
    """Check on the first batch that a gradient can reach both players. Nothing is computed backwards.

    Args:
        gan: the module.
        real: its samples, (N, ...).
        label: their classes, (N,), or None.
        frozen: within it, the discriminator's parameters take no gradient.

    Raises:
        ValueError: if the generator's samples are detached from it, or the discriminator's logits from its parameters
            or from the samples.
    """
    if isinstance(gan.trainer.strategy, ModelParallelStrategy):
        return  # sharded networks expect a backward after each forward that could have one
    with undisturbed(gan), torch.enable_grad():
        fake = gan.generate(gan.draw_latents(len(real)), label)
        if not fake.requires_grad:
            raise ValueError(_cut("the generator's samples are cut off from its parameters", gan.generator))
        if not gan.critique(real, label).logits.requires_grad:
            raise ValueError(_cut("the discriminator's logits are cut off from its parameters", gan.discriminator))
        with frozen:
            follows = gan.critique(fake, label).logits.requires_grad
        if not follows:
            raise ValueError(
                _cut("no gradient leads from the discriminator's logits to its samples", gan.discriminator)
            )


def _cut(what: str, network: torch.nn.Module) -> str:
    return (
        f"{what}, so the players cannot learn: look in {type(network).__name__} for detach(), torch.no_grad(), .data, "
        "numpy, or an operation without a gradient, such as argmax or round"
    )


def tell_unreached(gan: "AdversarialModule", player: str, params: Sequence[Parameter]) -> None:
    """Warn of parameters that the first backward has left without a gradient.

    Args:
        gan: the module.
        player: "d" or "g".
        params: the player's.
    """
    left = {id(p) for p in params if p.requires_grad and p.grad is None}
    if not left or getattr(gan, "leaves_layers_out", False):
        return
    names = [name for name, p in gan.named_parameters() if id(p) in left]
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    rank_zero_warn(
        f"{len(left)} of the {len(params)} parameters of player {player!r} got no gradient from its first update, and "
        f"will not train if this stays so: {shown}; unless that is meant, look for detach(), torch.no_grad() or an "
        "unused layer"
    )
