"""How one player's parameters are updated: zero, backward, average over ranks, clip, step."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from lightning.pytorch import Callback, LightningModule
from lightning.pytorch.core.optimizer import LightningOptimizer, do_nothing_closure
from lightning.pytorch.plugins.precision import Precision
from lightning.pytorch.profilers import PassThroughProfiler
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from lightning.pytorch.utilities.model_helpers import is_overridden
from torch import Tensor, nn
from torch.nn import Parameter

from gan_lightning.distributed import average_gradients
from gan_lightning.layout import lay_states_as_weights
from gan_lightning.reach import tell_unreached

if TYPE_CHECKING:
    from gan_lightning.module import AdversarialModule


class Player:
    """One player while it trains: its parameters and its optimizer, cached for the hot loop.

    Args:
        gan: the module that trains.
        name: "d" or "g".
        optimizer: the player's optimizer, as Lightning wraps it.
        advances_clock: whether a step of this player advances ``trainer.global_step``.
    """

    def __init__(
        self,
        gan: "AdversarialModule",
        name: str,
        optimizer: LightningOptimizer,
        advances_clock: bool,
    ) -> None:
        self.name = name
        self._clip, self._micro_batches = f"clip_{name}", f"micro_batches_{name}"
        self.params: tuple[Parameter, ...] = tuple(p for g in optimizer.param_groups for p in g["params"])
        self._gan, self._optimizer, self._raw = gan, optimizer, optimizer.optimizer
        self._advances_clock = advances_clock
        strategy = gan.trainer.strategy
        self._averages = isinstance(strategy, DDPStrategy) and gan.trainer.world_size > 1
        self._hold_sync = strategy.block_backward_sync if isinstance(strategy, DDPStrategy) else nullcontext
        if not any(p.requires_grad for p in self.params):
            raise ValueError(f"no parameter of player {name!r} takes a gradient: unfreeze some, or there is no game")
        self._direct, self._has_stepped = nobody_listens(gan), False
        lay_states_as_weights(self._raw)
        scaler = getattr(gan.trainer.precision_plugin, "scaler", None)
        self._sees_scaled = scaler is not None and getattr(self._raw, "_step_supports_amp_scaling", False)
        self._check_clip()
        if scaler is not None:  # it may skip the very first step, which torch would take for a scheduler that is ahead
            self._raw._opt_called = True  # type: ignore[attr-defined]

    @property
    def clip(self) -> float | None:
        """Largest norm of the gradient, or None; read at each update, so that it may be changed while it trains."""
        norm: float | None = getattr(self._gan, self._clip)
        return norm

    @property
    def micro_batches(self) -> int:
        """Parts into which each batch is split."""
        parts: int = getattr(self._gan, self._micro_batches)
        return parts

    def owns(self, optimizer: Any) -> bool:
        """Tell whether ``optimizer`` (not Lightning's wrapper) is this player's."""
        return optimizer is self._raw

    def frozen(self) -> "Frozen":
        """Keep the other player's backward out of these parameters."""
        return Frozen(self.params)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for p in self.params:
            p.grad = None

    def backward(self, loss: Tensor) -> None:
        """Add the gradient of this rank's loss."""
        if self._direct:
            for witness in self._gan.witnesses:
                witness.before_backward(loss)
            self._gan.on_before_backward(loss)
            loss.backward()  # type: ignore[no-untyped-call]
            self._gan.on_after_backward()
            return
        hold: AbstractContextManager[Any] = self._hold_sync()
        # Within autocast, a backward would round the products of a penalty's float32 forward.
        with hold, torch.autocast(loss.device.type, enabled=False):
            self._gan.manual_backward(loss)

    def step(self) -> None:
        """Average the gradients over the ranks, clip (in ``on_before_optimizer_step``), and update the parameters."""
        if not self._has_stepped:
            self._has_stepped = True
            tell_unreached(self._gan, self.name, self.params)
        if self._averages:
            average_gradients(self.params)
        if not self._advances_clock:  # Lightning puts its counters back at each batch
            self._optimizer._on_before_step = self._optimizer._on_after_step = do_nothing_closure
        if not self._direct:
            self._optimizer.step()
            return
        self._optimizer._on_before_step()
        for witness in self._gan.witnesses:
            witness.before_step(self._raw)
        self._gan.on_before_optimizer_step(self._raw)
        self._raw.step()
        self._optimizer._on_after_step()

    def clip_gradients(self) -> None:
        """Scale the gradients down to the norm ``clip``."""
        clip = self.clip
        if clip is not None:
            self._check_clip()
            torch.nn.utils.clip_grad_norm_(self.params, clip)

    def _check_clip(self) -> None:
        if self._sees_scaled and self.clip is not None:
            raise ValueError(
                f"{self._clip}={self.clip} needs true gradients, and a fused {type(self._raw).__name__} with 16-mixed "
                "precision has scaled ones until inside its step: use AdamGAN, pass fused=False, or train with "
                "bf16-mixed"
            )


def optimizers_of(module: LightningModule, *networks: nn.Module) -> list[LightningOptimizer]:
    """Find each network's optimizer by what it updates, so that a ``configure_optimizers`` may keep its own order.

    Raises:
        ValueError: if a network has none, or two share one.
    """
    made = module.optimizers()
    optimizers = made if isinstance(made, list) else [made]
    found: list[LightningOptimizer] = []
    for network in networks:
        own = set(network.parameters())
        found += [optimizer for optimizer in optimizers if own & set(optimizer.param_groups[0]["params"])][:1]
    if len({id(optimizer) for optimizer in found}) < len(networks):
        names = " and ".join(type(network).__name__ for network in networks)
        raise ValueError(f"configure_optimizers must return one optimizer for each of the two networks, {names}")
    return found


class Frozen:
    """Within this context the parameters take no gradient. A class, for a generator would cost twice as much.

    Args:
        params: those that take gradients now do so again afterwards; the others are left alone.
    """

    __slots__ = ("_params",)

    def __init__(self, params: Iterable[Parameter]) -> None:
        self._params = [p for p in params if p.requires_grad]

    def __enter__(self) -> None:
        for p in self._params:
            p.requires_grad = False

    def __exit__(self, *error: object) -> None:
        for p in self._params:
            p.requires_grad = True


def nobody_listens(module: Any) -> bool:
    """Tell whether a backward and a step may go to torch directly, without Lightning's dispatch.

    The maths and the module's own hooks are the same either way. The dispatch serves what is checked here: several
    processes, a precision that scales or converts, profilers, callbacks that hook into a backward or a step, and a
    module's own ``backward``. A callback may say that it hears enough as a witness.
    """
    trainer = module.trainer
    callbacks = [callback for callback in trainer.callbacks if not getattr(callback, "is_witness_enough", False)]
    hooks = ("on_before_backward", "on_after_backward", "on_before_optimizer_step", "on_before_zero_grad")
    return (
        type(trainer.strategy) is SingleDeviceStrategy
        and type(trainer.precision_plugin) is Precision
        and isinstance(trainer.profiler, PassThroughProfiler)
        and not any(is_overridden(name, module) for name in ("backward", "manual_backward"))
        and not any(is_overridden(hook, callback, Callback) for hook in hooks for callback in callbacks)
    )
