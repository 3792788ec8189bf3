"""R1 for a module that knows nothing of it: the gradient penalty, added to the discriminator's gradients.

Paper: Mescheder, Geiger, Nowozin 2018, equation 9, https://arxiv.org/abs/1801.04406. The interval: Karras et al. 2020,
section 3.1 (lazy regularisation), https://arxiv.org/abs/1912.04958
"""

from collections.abc import Sequence
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import ChangesGradients, add_gradients, averaged, has_gradients
from gan_lightning.callbacks.differentiated_twice import check_in_one_piece, exactly, is_compiled
from gan_lightning.functional import input_gradient_penalty
from gan_lightning.probe import Call, RealCalls, find_called, logits_of, own_optimizers, path_of


class AddR1(ChangesGradients):
    """Add the gradient of ``gamma / 2 * E|grad D(real)|^2`` to the discriminator's, before each of its updates.

    The module stays as it is. The callback watches the discriminator's calls, finds the one that judges the loader's
    batch, and judges the same samples once more, with the same labels and other arguments (those of the first such
    call, if several judge the same samples), in the precision of the parameters and outside autocast. Other hooks on
    the discriminator, such as ``AddInstanceNoise``, take part in that call. A discriminator that judges patches counts
    by the sum of its patches. The penalty is in no logged loss.

    Needs: the loader's samples reach the discriminator unchanged, as its first argument, alone or first or last in a
    concatenated batch, at once or in equal micro-batches. Scale and augment them in the data set or in
    ``on_after_batch_transfer``. One device or DDP. For a ``GAN`` of this package the mixin ``R1`` is faster. Put
    ``ClipGradients`` after it.

    Args:
        gamma: strength, 0 or more; the paper uses 10, less for low resolutions. May be changed while it trains, but no
            checkpoint holds it.
        every: apply it at each k-th update of the discriminator, k times as strong; Karras et al. use 16.
        discriminator: dotted path of the network; found by its name if None.

    Raises:
        ValueError: if ``gamma < 0`` or ``every < 1``; at fit start, if the discriminator or its optimizer is not found,
            its optimizer updates the generator too, or the strategy or the optimizer does not let gradients be changed.
        RuntimeError: in the first batch, if the discriminator is updated without having judged the real samples.

    Example:
        >>> AddR1(gamma=1.0, every=16).gamma
        1.0
    """

    def __init__(self, gamma: float = 10.0, every: int = 1, discriminator: str | None = None) -> None:
        super().__init__()
        if not gamma >= 0 or every < 1 or every != int(every):
            raise ValueError(f"expected gamma >= 0 and a whole number every >= 1, got {gamma} and {every}")
        self.gamma, self.every, self.discriminator = gamma, every, discriminator
        self._calls = RealCalls()
        self._watches = self._found = False
        self._misses = ""

    def start_anew(self) -> None:
        self._updates = 0

    @property
    def state_key(self) -> str:
        return self._generate_state_key(discriminator=self.discriminator)

    def state_dict(self) -> dict[str, Any]:
        return {"updates": self._updates}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._updates = state_dict["updates"]

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        check_in_one_piece(trainer, "AddR1")
        self._network: nn.Module = find_called(pl_module, self.discriminator, "discriminator")
        self._name = path_of(pl_module, self._network)
        self._is_compiled = is_compiled([self._network])
        self._optimizers = own_optimizers(trainer, self._network, "discriminator")
        self.listen_to(trainer, self._optimizers)
        if any(isinstance(part, _BatchNorm) for part in self._network.modules()):
            rank_zero_warn(
                f"the discriminator {self._name} has batch norm, where the gradient at one sample depends on the "
                "others: R1 is meant for layer, group or no norm"
            )
        self.hold(self._network.register_forward_pre_hook(self._look, prepend=True, with_kwargs=True))

    def detach(self) -> None:
        super().detach()
        self._watches = False
        self._calls.stop()

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._misses, self._found = "", False
        self._watches = True
        self._calls.start(batch)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._watches = False
        self._calls.stop()
        if self._misses and not self._found:
            raise RuntimeError(self._misses)

    def before_step(self, trainer: Trainer, optimizer: Optimizer) -> None:
        if not any(optimizer is own for own in self._optimizers) or not has_gradients(self._network):
            return
        if self._is_due():
            if self._calls.real:
                self._watches = False
                self._add_gradients(self._real_calls(), trainer.world_size)
                self._watches = self._found = True
            else:
                self._misses = self._what_was_seen()
        self._updates += 1
        self._calls.forget()

    def _is_due(self) -> bool:
        return bool(self.gamma) and self._updates % self.every == 0

    def _look(self, network: nn.Module, args: Any, kwargs: Any) -> None:
        if self._watches and self._is_due():
            self._calls.look_at(args, kwargs)

    def _real_calls(self) -> list[Call]:
        calls: dict[Any, Call] = {}
        for call in self._calls.real:
            calls.setdefault(call.place, call)
        if len(calls) < len(self._calls.real) and not self._calls.others:
            raise RuntimeError(
                f"AddR1 cannot tell the real samples: all that {self._name} judged before its update starts with the "
                "same tensor of the batch, which looks like a condition; let samples be the first argument"
            )
        return list(calls.values())

    def _add_gradients(self, calls: list[Call], ranks: int) -> None:
        params = [p for p in self._network.parameters() if p.requires_grad]
        total = sum(len(call.samples) for call in calls)
        with exactly(params[0].device, self._is_compiled):
            penalties = [len(call.samples) / total * _penalty(self._network, call) for call in calls]
            loss = 0.5 * self.gamma * self.every * torch.stack(penalties).sum()
            gradients: Sequence[Tensor | None] = torch.autograd.grad(loss, params, allow_unused=True)
        if ranks > 1:
            gradients = averaged(params, gradients)
        add_gradients(params, gradients)

    def _what_was_seen(self) -> str:
        calls, shapes = len(self._calls.seen), ", ".join(sorted(set(self._calls.seen)))
        seen = f"its {calls} calls, on samples of {shapes}, were on other samples" if calls else "it was not called"
        return (
            f"AddR1 found no real samples: the discriminator {self._name} was updated, but {seen}; the batch has "
            f"{self._calls.expected}. Rescaling and augmentation belong into the data set or on_after_batch_transfer, "
            f"so that the batch reaches {self._name} as it is, alone or first or last among its rows (concatenated "
            "over channels with a condition they cannot be told apart: let it take two arguments); call it as a "
            f"function, because {self._name}.forward(x) hides the call; and if another network judges the samples, "
            "name it: discriminator='path.to.it'"
        )


def _penalty(network: nn.Module, call: Call) -> Tensor:
    """Return E|grad D(real)|^2 in the precision of the parameters."""
    x = call.samples.detach().to(next(network.parameters()).dtype).requires_grad_()
    args, kwargs = call.on(x)
    logits = logits_of(network(*args, **kwargs))
    return input_gradient_penalty(logits.reshape(-1), x)
