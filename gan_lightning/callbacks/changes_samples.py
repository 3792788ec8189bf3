"""Callbacks that change what a discriminator sees while it trains."""

from abc import abstractmethod
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import Attached
from gan_lightning.probe import find_network, first_samples, optimizers_of, path_of, replaced


class ChangesSamples(Attached):
    """A callback that changes the samples in each of the discriminator's calls while it trains.

    Args:
        discriminator: dotted path of the network; found by its name if None.
    """

    def __init__(self, discriminator: str | None = None) -> None:
        super().__init__()
        self.discriminator = discriminator
        self._is_training = self._was_called = False

    @abstractmethod
    def change(self, x: Tensor) -> Tensor:
        """Return changed samples (N, ...), in the same shape; gradients pass through to the generator."""

    @property
    def state_key(self) -> str:
        return self._generate_state_key(discriminator=self.discriminator)

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        network = find_network(pl_module, self.discriminator, "discriminator")
        self._name = path_of(pl_module, network)
        self._is_training = self._was_called = False
        self.hold(network.register_forward_pre_hook(self._change_call, with_kwargs=True))
        for optimizer in optimizers_of(trainer, network, "discriminator"):
            self.hold(optimizer.register_step_post_hook(self._check_called))

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._is_training = True

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._is_training = False

    def _change_call(self, network: nn.Module, args: Any, kwargs: Any) -> Any:
        if not (self._is_training and network.training):
            return None
        samples = first_samples((args, kwargs))
        if samples is None:
            return None
        self._was_called = True
        changed = self.change(samples)
        return replaced((args, kwargs), lambda tensor: changed if tensor is samples else tensor)

    def _check_called(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if not self._was_called:
            raise RuntimeError(
                f"{type(self).__name__} changed nothing: the discriminator {self._name} was updated without having "
                f"been called on samples in training mode; call it as a function, because {self._name}.forward(x) "
                "hides the call, and do not leave it in eval mode; or name another network: discriminator='path.to.it'"
            )
