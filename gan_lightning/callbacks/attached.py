"""Callbacks that hook into someone's networks and optimizers, and let go of them when the fit ends, however it ends."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.distributed import average_gradients
from gan_lightning.probe import check_gradients


class Attached(Callback):
    """A callback with hooks on a module's networks or optimizers while it is fitted."""

    def __init__(self) -> None:
        self._handles: list[Any] = []
        self._learned_from: LightningModule | None = None
        self.start_anew()

    def start_anew(self) -> None:
        """Set what is counted and averaged, and so kept in checkpoints, to the start."""

    def turn_to(self, pl_module: LightningModule) -> None:
        """Start anew if what was learned is of another module, and not from a checkpoint."""
        if self._learned_from not in (None, pl_module):
            self.start_anew()
        self._learned_from = pl_module

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._learned_from = None

    @abstractmethod
    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Find what is needed, refuse what cannot work, and ``hold`` the hooks; networks and optimizers are there."""

    def hold(self, *handles: Any) -> None:
        """Keep handles of hooks, to remove them at the end."""
        self._handles += handles

    def detach(self) -> None:
        """Remove all hooks."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.detach()
        self.turn_to(pl_module)
        self.attach(trainer, pl_module)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self.detach()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self.detach()


class ChangesGradients(Attached):
    """A callback that changes gradients just before an update: averaged over ranks, unscaled, the last in line."""

    def __init__(self) -> None:
        super().__init__()
        self._announced: Optimizer | None = None

    @abstractmethod
    def before_step(self, trainer: Trainer, optimizer: Optimizer) -> None:
        """Change the gradients of what ``optimizer`` is about to update."""

    def listen_to(self, trainer: Trainer, optimizers: tuple[Optimizer, ...]) -> None:
        """Refuse optimizers whose gradients cannot be changed, now or at their first step."""
        check_gradients(trainer, optimizers, type(self).__name__)
        self._announced = None
        self.hold(*(optimizer.register_step_post_hook(self._check_announced) for optimizer in optimizers))

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer) -> None:
        self._announced = optimizer
        self.before_step(trainer, optimizer)

    def _check_announced(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if self._announced is not optimizer:
            raise RuntimeError(
                f"{type(self).__name__} heard nothing of this step of {type(optimizer).__name__}: the module steps "
                "torch's optimizer behind Lightning's back; use self.optimizers() as it is, without "
                "use_pl_optimizer=False, and step what it returns, not its .optimizer"
            )
        self._announced = None


def has_gradients(network: nn.Module) -> bool:
    """Tell whether a step would update anything: a network that is not trained yet has no gradient."""
    return any(p.grad is not None for p in network.parameters())


def add_gradients(params: Sequence[Tensor], gradients: Sequence[Tensor | None]) -> None:
    """Add to the parameters' ``grad``; in place, because under DDP it is a view of a bucket."""
    for p, gradient in zip(params, gradients, strict=True):
        if gradient is not None:
            p.grad = gradient.to(p.dtype) if p.grad is None else p.grad.add_(gradient)


def averaged(params: Sequence[Tensor], gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
    """Return the mean of gradients over the ranks; those in the parameters' ``grad`` are averaged already, and stay."""
    kept = [p.grad for p in params]
    for p, gradient in zip(params, gradients, strict=True):
        p.grad = gradient
    average_gradients(params)
    means = [p.grad for p in params]
    for p, gradient in zip(params, kept, strict=True):
        p.grad = gradient
    return means
