"""16-mixed with a scaler of one's own, which Lightning takes on the CPU too, and gradients that overflow once."""

from typing import Any

import torch
from helpers import weights
from lightning.pytorch.plugins.precision import MixedPrecision
from torch import Tensor

from gan_lightning import GAN

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")
SCALE = 1024.0


def in_precision(precision: str, scale: float = SCALE, device: str = "cpu") -> dict[str, Any]:
    """Return the trainer's arguments."""
    if precision != "16-mixed":
        return {"precision": precision}
    return {"plugins": [MixedPrecision("16-mixed", device, torch.amp.GradScaler(device, init_scale=scale))]}


def scale_of(trainer: Any) -> float:
    return float(trainer.precision_plugin.scaler.get_scale())


def plain_steps(params: Any) -> torch.optim.Optimizer:
    """Steps that depend on their own gradient only, so that a skipped one is a gradient of zero."""
    return torch.optim.SGD(params, lr=0.1)


def losing_a_step(parts: tuple[type[GAN], ...], player: str, at: int) -> type[GAN]:
    """Return a GAN that keeps all weights and gradients, and loses one step of a player.

    With 16-mixed, the player's first backward at iteration ``at`` overflows; otherwise its gradient becomes zero.
    """

    class LosesAStep(*parts):
        def on_train_start(self) -> None:
            super().on_train_start()
            self.history: list[tuple[Tensor, Tensor]] = []
            self.gradients: dict[str, list[Tensor]] = {"d": [], "g": []}
            self._lost = False
            self._network = {"d": self.discriminator, "g": self.generator}[player]
            if getattr(self.trainer.precision_plugin, "scaler", None) is not None:
                next(self._network.parameters()).register_hook(self._overflow_once)

        def _overflow_once(self, gradient: Tensor) -> Tensor:
            if self.iteration != at or self._lost:
                return gradient
            self._lost = True
            return gradient * torch.inf

        def on_before_optimizer_step(self, optimizer) -> None:
            super().on_before_optimizer_step(optimizer)
            name = "d" if self._player_d.owns(optimizer) else "g"
            exact = getattr(self.trainer.precision_plugin, "scaler", None) is None
            if exact and name == player and self.iteration == at:
                for p in self._network.parameters():
                    p.grad.zero_()
            own = self.discriminator if name == "d" else self.generator
            self.gradients[name].append(torch.cat([p.grad.flatten() for p in own.parameters()]))

        def on_train_batch_end(self, *_) -> None:
            self.history.append((weights(self.discriminator), weights(self.generator)))

    return LosesAStep
