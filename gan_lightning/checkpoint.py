"""What a GAN's checkpoint holds beside weights and optimizers, in plain data that loads with ``weights_only=True``."""

import inspect
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.core.mixins.hparams_mixin import _given_hyperparameters
from lightning.pytorch.utilities import rank_zero_warn

from gan_lightning.distributed import broadcast_buffers
from gan_lightning.lost_weights import tell_if_lost

if TYPE_CHECKING:
    from gan_lightning.module import AdversarialModule

# Said at every checkpoint by steps, which here is meant to hold both players after their updates.
warnings.filterwarnings("ignore", message="Using ModelCheckpoint with manual optimization and every_n_train_steps")

KEY = "gan_lightning"
AUTOMATIC: Any = SimpleNamespace(automatic_optimization=True)
"""All that ``ModelCheckpoint`` asks of a module at the end of a batch."""


def plain_hyperparameters(gan: "AdversarialModule") -> None:
    """Save the constructor's arguments; call it from ``__init__``.

    Under the command line these are the configuration, networks and all, and ``load_from_checkpoint`` rebuilds the
    module from them. In plain Python the arguments that are objects (networks, losses, optimizers) are left out: a
    checkpoint with live objects does not load safely. ``load_from_checkpoint`` then takes them as arguments again.
    """
    frame = inspect.currentframe()
    assert frame is not None
    from_configuration = _given_hyperparameters.get() is not None
    objects = [] if from_configuration else ["generator", "discriminator"]
    gan.save_hyperparameters(ignore=objects, frame=frame.f_back)
    kept: list[Any] = [gan._hparams, gan._hparams_initial]
    for arguments in kept:
        for name, value in list(arguments.items()):
            arguments[name] = in_python(value)
            if not _is_plain(arguments[name]):
                del arguments[name]


def in_python(value: Any) -> Any:
    """Return nested data with Python's numbers for numpy's, which a checkpoint of plain data cannot hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {key: in_python(item) for key, item in value.items()}
    return type(value)(map(in_python, value)) if type(value) in (list, tuple) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str)


def complete(gan: "AdversarialModule", checkpoint: dict[str, Any]) -> None:
    """Add to a checkpoint what Lightning does not know of, and make plain what it took as it was."""
    # After an exception the other ranks are elsewhere, and would not answer.
    if gan._trainer is not None and gan.trainer.world_size > 1 and not gan.trainer.interrupted:
        broadcast_buffers(gan)
    for state in checkpoint.get("optimizer_states", ()):
        state |= {name: in_python(groups) for name, groups in state.items() if name == "param_groups"}
    if "lr_schedulers" in checkpoint:
        checkpoint["lr_schedulers"] = in_python(checkpoint["lr_schedulers"])
    checkpoint[KEY] = snapshot(gan)


def snapshot(gan: "AdversarialModule") -> dict[str, Any]:
    """Return the clock, the random state, and what is needed to notice a wrong class on loading."""
    tell_if_lost(gan)
    random = {"cpu": torch.get_rng_state()}
    if gan.device.type == "cuda":
        random["cuda"] = torch.cuda.get_rng_state(gan.device)
    return {
        "class": f"{type(gan).__module__}.{type(gan).__qualname__}",
        "techniques": techniques(type(gan)),
        "loss": type(gan.loss).__name__,
        "iteration": gan.iteration,
        "ranks": gan._ranks,
        "random": random,
    }


def restore(gan: "AdversarialModule", saved: dict[str, Any] | None) -> dict[str, torch.Tensor] | None:
    """Set the clock, and return the random state to continue from, if a run goes on.

    Raises:
        ValueError: if the checkpoint was made by a GAN with other techniques, or by something else.
    """
    if saved is None:
        raise ValueError(
            f"this checkpoint was not made by a GAN of gan_lightning, so it cannot be loaded as {type(gan).__name__}; "
            "to take weights only, use torch.load(path)['state_dict'] and load_state_dict"
        )
    made_by, loaded_as = set(saved["techniques"]), set(techniques(type(gan)))
    if made_by != loaded_as:
        difference = "; ".join(
            f"{side}: {', '.join(sorted(names))}"
            for side, names in (("only there", made_by - loaded_as), ("only here", loaded_as - made_by))
            if names
        )
        raise ValueError(
            f"this checkpoint was made by {saved['class']} and cannot be loaded as {type(gan).__name__} "
            f"({difference}): load it with the class that made it"
        )
    if saved["loss"] != type(gan.loss).__name__:
        rank_zero_warn(
            f"this checkpoint was trained with the loss {saved['loss']}, this module has {type(gan.loss).__name__}: "
            f"pass loss={saved['loss']}() to go on as before; for sampling it makes no difference"
        )
    gan.iteration = saved["iteration"]
    if gan._trainer is None or gan.trainer.state.fn != "fit" or gan._has_begun:
        return None  # it is only loaded, or a fit goes back to it
    note_ranks(gan, saved)
    random: dict[str, torch.Tensor] = saved["random"]
    return random


def note_ranks(gan: "AdversarialModule", saved: dict[str, Any]) -> None:
    """Say what is not as in the straight run when a run goes on with another number of ranks."""
    before, now = saved.get("ranks", gan.trainer.world_size), gan.trainer.world_size
    if before != now:
        rank_zero_warn(
            f"this checkpoint was saved with another number of ranks, {before} and not {now}. With batch_size x ranks "
            "as it was and a data module of gan_lightning, it is the same run up to rounding, but for what follows "
            "each rank's own samples: batch norm's statistics, dropout and noise inside the networks, and what a "
            "HealthMonitor has collected since its last check, which is dropped. A DataLoader of your own starts its "
            "epoch anew, in another order"
        )


def set_random_state(random: dict[str, torch.Tensor], device: torch.device) -> None:
    """Continue from a saved random state."""
    torch.set_rng_state(random["cpu"].cpu())
    if device.type == "cuda" and "cuda" in random:
        torch.cuda.set_rng_state(random["cuda"].cpu(), device)


def saved_by_time(trainer: Trainer) -> list[ModelCheckpoint]:
    """Return the callbacks that save each so many minutes."""
    callbacks = [callback for callback in trainer.checkpoint_callbacks if isinstance(callback, ModelCheckpoint)]
    return [callback for callback in callbacks if callback._train_time_interval is not None]


def save_by_time(callbacks: list[ModelCheckpoint], trainer: Trainer) -> None:
    """Save if it is time. By itself, ``ModelCheckpoint`` asks the clock only under automatic optimization."""
    for callback in callbacks:
        ModelCheckpoint.on_train_batch_end(callback, trainer, AUTOMATIC, None, None, 0)


def techniques(cls: type[LightningModule]) -> list[str]:
    """Name the classes behind ``cls`` that define behaviour; class statements without a body are none.

    Example:
        >>> from gan_lightning import GAN
        >>> from gan_lightning.mixins import R1
        >>> techniques(type("MyGAN", (R1, GAN), {}))
        ['AdversarialModule', 'Draws', 'GAN', 'R1', 'WideState']
    """
    own = cls.__mro__[: cls.__mro__.index(LightningModule)]
    return sorted(
        base.__name__
        for base in own
        if any(inspect.isfunction(value) or isinstance(value, property) for value in vars(base).values())
    )
