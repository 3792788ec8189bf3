"""What happens to a run at an iteration: the faults, and a harmless one. None of them knows of the health package.

They act on any module whose players are ``generator`` and ``discriminator``, or ``netG`` and ``netD``.
"""

from collections.abc import Callable
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn

PLAYERS = {"g": ("generator", "netG"), "d": ("discriminator", "netD")}


def player(module: Any, name: str) -> nn.Module:
    """Return a module's generator ("g") or discriminator ("d")."""
    network: nn.Module = next(getattr(module, path) for path in PLAYERS[name] if hasattr(module, path))
    return network


class Event(Callback):
    """Happens once, before a batch; from the start means at fit start, as if the module were made so.

    Args:
        at: iterations trained before it happens.
    """

    def __init__(self, at: int = 0) -> None:
        self.at = at

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not self.at:
            self.happen(trainer, pl_module)

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        clock = trainer.fit_loop.epoch_loop.total_batch_idx
        if clock == self.at > 0:
            self.happen(trainer, pl_module)
        if clock >= self.at:
            samples, label = batch if isinstance(batch, list) else (batch, None)
            self.spoil(samples, label, clock)

    def happen(self, trainer: Trainer, module: LightningModule) -> None:
        """Change the run."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        """Change a batch, in place."""


class ScaledRate(Event):
    """Multiply a player's learning rate.

    Args:
        who: "d" or "g".
        factor: by which; 0 freezes the player.
        at: iterations before.
    """

    def __init__(self, who: str, factor: float, at: int = 0) -> None:
        super().__init__(at)
        self.who, self.factor = who, factor

    def happen(self, trainer: Trainer, module: LightningModule) -> None:
        own = {id(p) for p in player(module, self.who).parameters()}
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                if any(id(p) in own for p in group["params"]):
                    group["lr"] *= self.factor


class FallingRates(Callback):
    """Let all learning rates fall to 0 on a line over the run: a usual schedule, and no fault.

    Args:
        iterations: of the run.
    """

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        clock = trainer.fit_loop.epoch_loop.total_batch_idx
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                first = group.setdefault("first_lr", group["lr"])
                group["lr"] = first * max(0.0, 1 - clock / self.iterations)


class SqueezedLatents(Event):
    """Draw latents from a twentieth of the prior's width."""

    def happen(self, trainer: Trainer, module: LightningModule) -> None:
        _wrap(module, "sample_latent", lambda z: 0.05 * z)


class StarvedGenerator(Event):
    """Scale the generator's loss until its gradient is below what Adam resolves."""

    def happen(self, trainer: Trainer, module: LightningModule) -> None:
        _wrap(getattr(module, "loss", module), "g_loss", lambda loss: 1e-14 * loss)


class PixelNaN(Event):
    """Put NaN into one number of one real sample of one batch."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        if clock == self.at:
            samples.view(-1)[0] = torch.nan


class StuckLoader(Event):
    """Hand out the same batch for ever."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        if clock == self.at:
            self._first = samples.clone()
        samples.copy_(self._first)


class OneSample(Event):
    """Fill each batch with one and the same sample."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        if clock == self.at:
            self._first = samples[:1].clone()
        samples.copy_(self._first.expand_as(samples))


class OneLabel(Event):
    """Call all samples class 0."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        if label is not None:
            label.zero_()


class BlankSamples(Event):
    """Hand out empty samples, as a broken decoder does."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        samples.fill_(-1.0)


class FewClasses(Event):
    """Hand out two classes only, as an unshuffled loader does."""

    def spoil(self, samples: Tensor, label: Tensor | None, clock: int) -> None:
        if label is None:
            raise ValueError("FewClasses needs a batch with labels")
        kept = (label < 2).nonzero().squeeze(1)
        index = kept[torch.arange(len(label)) % len(kept)]
        samples.copy_(samples[index])
        label.copy_(label[index])


def _wrap(owner: Any, name: str, change: Callable[[Tensor], Tensor]) -> None:
    """Change what a method of this one object returns."""
    original = getattr(owner, name)

    def changed(*args: Any, **kwargs: Any) -> Tensor:
        return change(original(*args, **kwargs))

    setattr(owner, name, changed)
