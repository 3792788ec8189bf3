"""Watching any GAN while it trains: what is common to those that publish what they do and those that do not."""

from abc import ABC, abstractmethod
from functools import reduce
from operator import add
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.distributed import whole
from gan_lightning.probe.networks import Role
from gan_lightning.probe.record import Judgement, StepRecord


class Probe(ABC):
    """Reads a ``StepRecord`` from the batches between ``start`` and ``finish``; costs nothing outside them.

    Attributes:
        generators: the networks that make samples.
        discriminators: the networks that judge them.
        optimizers: those of each player.
    """

    generators: tuple[nn.Module, ...]
    discriminators: tuple[nn.Module, ...]
    optimizers: dict[Role, tuple[Optimizer, ...]]

    def __init__(self, trainer: Trainer, module: LightningModule) -> None:
        self.trainer, self.module = trainer, module
        self.is_recording = False
        self.record = StepRecord()
        self._backwards: list[Tensor] = []

    def start(self, batch: Any) -> None:
        """Record what is done with this batch."""
        self.record, self._backwards, self.is_recording = StepRecord(), [], True
        self.listen(batch)

    def finish(self) -> StepRecord:
        """Stop recording, and return what was seen."""
        self.stop()
        return self.record

    def stop(self) -> None:
        """Stop recording; safe at any time, also after an exception."""
        if self.is_recording:
            self.is_recording = False
            self.leave()

    def forget(self) -> None:
        """Let go of the last batch."""
        self.stop()
        self.record, self._backwards = StepRecord(), []

    @property
    def judged(self) -> list[Judgement]:
        """What the discriminator was asked so far in the batch that is recorded, of which the order never changes."""
        return self.record.judgements

    @abstractmethod
    def listen(self, batch: Any) -> None:
        """Attach to what the module is about to do with a batch."""

    @abstractmethod
    def leave(self) -> None:
        """Detach, and complete the record."""

    def before_backward(self, loss: Tensor) -> None:
        """Keep a loss until the optimizer that follows tells whose it was."""
        if self.is_recording:
            self._backwards.append(loss.detach())

    def before_step(self, optimizer: Optimizer) -> None:
        """Assign the losses since the last step, and measure the gradient."""
        if not self.is_recording:
            return
        role, losses = self.role_of(optimizer), self._backwards
        self._backwards = []
        if role is None:
            return
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        norm = _norm(gradients) if gradients else None
        loss = reduce(add, (loss.float().sum() for loss in losses)) / self.scale if losses else None
        player = "d" if role == "discriminator" else "g"
        for name, value in ((f"{player}_gradient", norm), (f"{player}_loss", loss)):
            if value is not None:  # of several optimizers of a player, the first takes the loss
                setattr(self.record, name, value)

    def state_dict(self) -> dict[str, Any]:
        """Return plain data of what was learned of the module, for a probe of it in a resumed run or a later one."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:  # noqa: B027
        """Take up what ``state_dict`` returned."""

    @property
    def scale(self) -> float:
        """By which Lightning multiplies losses, so that 16-bit gradients do not vanish; 1 in other precisions."""
        scaler = getattr(self.trainer.precision_plugin, "scaler", None)
        return 1.0 if scaler is None else float(scaler.get_scale())

    def role_of(self, optimizer: Optimizer) -> Role | None:
        """Tell whose parameters an optimizer updates."""
        own = getattr(optimizer, "_optimizer", optimizer)
        for role, optimizers in self.optimizers.items():
            if any(own is each for each in optimizers):
                return role
        return None


def _norm(gradients: list[Tensor]) -> Tensor:
    """Return the norm of all gradients together, (); where all lie in one place without torch's search for places."""
    devices = {each.device for each in gradients}
    if len(devices) == 1 and next(iter(devices)).type in ("cpu", "cuda"):
        return whole(torch.stack(torch._foreach_norm(gradients)).norm())
    return whole(torch.nn.utils.get_total_norm(gradients))


def signal_of(gradient: Tensor) -> Tensor:
    """Return the norm of a mean loss's gradient at each sample, (M, ...) -> (M,), as if each stood alone."""
    norms: Tensor = (gradient[:, None] if gradient.ndim == 1 else gradient.flatten(1)).detach().float().norm(dim=1)
    return norms * len(gradient)
