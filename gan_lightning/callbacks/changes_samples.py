"""Callbacks that change what a discriminator sees while it trains."""

from abc import abstractmethod
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import Attached, has_gradients
from gan_lightning.probe import find_called, first_samples, optimizers_of, path_of, replaced, rivals_of


class ChangesSamples(Attached):
    """A callback that changes the samples in each of the discriminator's calls while it trains.

    Args:
        discriminator: dotted path of the network; found by its name if None.
        samples: which argument of the discriminator's calls holds the samples, counted from 0; None takes the first
            floating one, and refuses a call in which another is as likely.

    Raises:
        ValueError: if ``samples`` is negative.
    """

    def __init__(self, discriminator: str | None = None, samples: int | None = None) -> None:
        super().__init__()
        if samples is not None and samples < 0:
            raise ValueError(f"expected samples, the place of an argument counted from 0, or None, got {samples}")
        self.discriminator, self.samples = discriminator, samples
        self._is_training = self._was_called = False

    @abstractmethod
    def change(self, x: Tensor) -> Tensor:
        """Return changed samples (N, ...), in the same shape; gradients pass through to the generator."""

    @property
    def state_key(self) -> str:
        return self._generate_state_key(discriminator=self.discriminator)

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        network = find_called(pl_module, self.discriminator, "discriminator")
        self._name = path_of(pl_module, network)
        self._network, self._was_called = network, False
        self.hold(network.register_forward_pre_hook(self._change_call, with_kwargs=True))
        for optimizer in optimizers_of(trainer, network, "discriminator"):
            self.hold(optimizer.register_step_post_hook(self._check_called))

    def detach(self) -> None:
        super().detach()
        self._is_training = False

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._is_training = True

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._is_training = False

    def _change_call(self, network: nn.Module, args: Any, kwargs: Any) -> Any:
        if not (self._is_training and network.training):
            return None
        samples = self._samples_of(args, kwargs)
        if samples is None:
            return None
        self._was_called = True
        changed = self.change(samples)
        return replaced((args, kwargs), lambda tensor: changed if tensor is samples else tensor)

    def _samples_of(self, args: Any, kwargs: Any) -> Tensor | None:
        if self.samples is not None:
            return first_samples([*args, *kwargs.values()][self.samples : self.samples + 1])
        x = first_samples((args, kwargs))
        rivals = [] if x is None else rivals_of(x, (args, kwargs))
        if x is not None and rivals:
            shapes = " and ".join(str(tuple(tensor.shape)) for tensor in (x, *rivals))
            raise RuntimeError(
                f"{type(self).__name__} cannot tell the samples in a call of {self._name}, whose arguments have the "
                f"shapes {shapes}: count the arguments from 0 and say which it is, samples=1; or if it takes real and "
                "generated samples together, name a part that takes one, discriminator='path.to.it'"
            )
        return x

    def _check_called(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if not self._was_called and has_gradients(self._network):
            raise RuntimeError(
                f"{type(self).__name__} changed nothing: the discriminator {self._name} was updated without having "
                f"been called on samples in training mode; call it as a function, because {self._name}.forward(x) "
                "hides the call, and do not leave it in eval mode; or name another network: discriminator='path.to.it'"
            )
