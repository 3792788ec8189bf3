"""A checkpoint in memory, to which a run can go back while it trains."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Protocol, runtime_checkable

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import Checkpoint, EarlyStopping, Timer
from torch import Tensor
from torch.optim import Optimizer
from torch.utils._pytree import tree_leaves

from gan_lightning.callbacks.attached import Attached
from gan_lightning.distributed import mean_over_ranks
from gan_lightning.health.remedies.copies import copied
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.randomness import random_states, set_random_states


@runtime_checkable
class Movable(Protocol):
    """A loader that can be moved in the middle of a pass, as those of ``gan_lightning.data``."""

    position: int

    def state_dict(self) -> dict[str, int]: ...

    def load_state_dict(self, state: dict[str, int]) -> None: ...


class Snapshot:
    """All that a run has changed, on the CPU, for this rank: no file and, but for the module's own hook, no collective.

    What goes back: the module (its state dict, and what its ``on_save_checkpoint`` adds), optimizers, schedulers, the
    loss scaler, the state of callbacks (the average of ``GeneratorEMA``), random states of torch, Python and NumPy, and
    the place in the data.

    What does not: the trainer's own counters and what was logged, so that budgets and axes never run backwards;
    ``ModelCheckpoint``, ``EarlyStopping``, ``Timer`` and callbacks with an attribute ``goes_back = False``; gradients,
    which are forgotten; plain attributes that a module keeps out of its checkpoints; and the place in a ``DataLoader``,
    which cannot be moved within an epoch: there the data go on. The memory is that of the weights, the optimizers'
    states (twice the weights for Adam) and the callbacks'.

    Args:
        iteration: after how many batches it was taken.
        checkpoint: the state, under Lightning's names.
    """

    def __init__(self, iteration: int, checkpoint: dict[str, Any]) -> None:
        self.iteration, self.checkpoint = iteration, checkpoint

    @classmethod
    def take(cls, patient: Patient) -> "Snapshot":
        """Keep the state as it is; training goes on as if nothing had been taken."""
        trainer, module = patient.trainer, patient.module
        checkpoint = copied(
            {
                "epoch": trainer.current_epoch,
                "global_step": trainer.global_step,
                "state_dict": module.state_dict(),
                "optimizer_states": [optimizer.state_dict() for optimizer in trainer.optimizers],
                "lr_schedulers": [config.scheduler.state_dict() for config in trainer.lr_scheduler_configs],
                "precision": trainer.precision_plugin.state_dict(),
                "callbacks": {callback.state_key: callback.state_dict() for callback in _going_back(trainer)},
                "random": random_states(module.device),
                "data": places(trainer),
            }
        )
        buffers = [(buffer, buffer.clone()) for buffer in module.buffers()]
        module.on_save_checkpoint(checkpoint)
        with torch.no_grad():
            for buffer, before in buffers:  # a GAN's hook gives all ranks those of rank 0
                buffer.copy_(before)
        return cls(patient.iteration, copied(checkpoint))

    def restore(self, patient: Patient) -> None:
        """Put everything back, between two batches."""
        trainer, module = patient.trainer, patient.module
        checkpoint = copied(self.checkpoint)
        module.on_load_checkpoint(checkpoint)
        odd = module.load_state_dict(checkpoint["state_dict"], strict=False).unexpected_keys
        if odd:
            raise RuntimeError(f"cannot go back to iteration {self.iteration}: the module lost {', '.join(odd[:4])}")
        for optimizer, state in zip(trainer.optimizers, checkpoint["optimizer_states"], strict=True):
            load_in_place(optimizer, state)
        for config, state in zip(trainer.lr_scheduler_configs, checkpoint["lr_schedulers"], strict=True):
            config.scheduler.load_state_dict(state)
        trainer.precision_plugin.load_state_dict(checkpoint["precision"])
        for callback in _going_back(trainer):
            if callback.state_key in checkpoint["callbacks"]:
                callback.load_state_dict(checkpoint["callbacks"][callback.state_key])
                if isinstance(callback, Attached):
                    callback.on_fit_start(trainer, module)  # it holds tensors that were just replaced
        for p in module.parameters():
            p.grad = None
        go_to(trainer, checkpoint["data"])
        set_random_states(checkpoint["random"], module.device)

    def state_dict(self) -> dict[str, Any]:
        return {"iteration": self.iteration, "checkpoint": self.checkpoint}


def is_sound(patient: Patient) -> bool:
    """Tell whether weights are finite, and buffers and optimizer states no NaN, on all ranks; it synchronises."""
    module, optimizers = patient.module, patient.trainer.optimizers
    states = chain.from_iterable(state.values() for optimizer in optimizers for state in optimizer.state.values())
    kept = (value for value in chain(module.buffers(), states) if isinstance(value, Tensor))
    bad = [~p.detach().isfinite().all() for p in module.parameters()] + [value.isnan().any() for value in kept]
    sound = 1 - torch.stack([each.to(module.device) for each in bad]).any().float()
    return float(mean_over_ranks(sound)) == 1.0


def places(trainer: Trainer) -> list[dict[str, int]]:
    """Return where each loader is that can be moved."""
    return [loader.state_dict() for loader in _movable(trainer)]


def go_to(trainer: Trainer, where: list[dict[str, int]]) -> None:
    """Move the loaders that can be."""
    for loader, place in zip(_movable(trainer), where, strict=True):
        loader.load_state_dict(place)


def load_in_place(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """Load a state into the groups that are there, for others may hold them; ``load_state_dict`` makes new ones."""
    groups = optimizer.param_groups
    optimizer.load_state_dict(state)
    for group, loaded in zip(groups, optimizer.param_groups, strict=True):
        if group is not loaded:
            group.clear()
            group.update(loaded)
    optimizer.param_groups = groups


def _movable(trainer: Trainer) -> Iterator[Movable]:
    return (loader for loader in tree_leaves(trainer.train_dataloader) if isinstance(loader, Movable))


def _going_back(trainer: Trainer) -> Iterator[Callback]:
    staying = (Checkpoint, EarlyStopping, Timer)
    callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return (
        callback for callback in callbacks if getattr(callback, "goes_back", True) and not isinstance(callback, staying)
    )
