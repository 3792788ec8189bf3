"""Historical averaging for a module that knows nothing of it: each player is held to the mean of its own past.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.3, https://arxiv.org/abs/1606.03498
"""

from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import ChangesGradients, add_gradients
from gan_lightning.functional import add_to_history_, history_penalty
from gan_lightning.probe import find_network, optimizers_of


class AddHistoricalAveraging(ChangesGradients):
    """Add the gradient of ``weight * |theta - 1/t sum_i theta[i]|^2`` before each update of a player.

    The mean is over the parameters before each of the t updates so far, the present one among them; one copy of the
    parameters per player, which goes into the checkpoint. The term is in no logged loss. For a ``GAN`` of this package
    there is the mixin ``HistoricalAveraging``.

    Args:
        weight_d: the discriminator's weight, 0 or more; at 0 no mean is kept.
        weight_g: likewise for the generator.
        discriminator: dotted path of the network; found by its name if None.
        generator: likewise for the generator.

    Raises:
        ValueError: if a weight is negative; at fit start, if a player or its optimizer is not found, or several
            optimizers update one player.

    Example:
        >>> AddHistoricalAveraging(weight_g=0.0).weight_d
        0.05
    """

    def __init__(
        self,
        weight_d: float = 0.05,
        weight_g: float = 0.05,
        discriminator: str | None = None,
        generator: str | None = None,
    ) -> None:
        super().__init__()
        if weight_d < 0 or weight_g < 0:
            raise ValueError(f"expected weight_d >= 0 and weight_g >= 0, got {weight_d} and {weight_g}")
        self.weight_d, self.weight_g = weight_d, weight_g
        self.discriminator, self.generator = discriminator, generator
        self._history: dict[str, dict[str, Tensor]] = {}
        self._params: dict[str, tuple[nn.Parameter, ...]] = {}
        self._optimizers: dict[str, Optimizer] = {}

    @property
    def state_key(self) -> str:
        return self._generate_state_key(discriminator=self.discriminator, generator=self.generator)

    def state_dict(self) -> dict[str, Any]:
        return {"history": self._history}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._history = state_dict["history"]

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._params, self._optimizers = {}, {}
        if self.weight_d:
            self._remember("d", trainer, find_network(pl_module, self.discriminator, "discriminator"))
        if self.weight_g:
            self._remember("g", trainer, find_network(pl_module, self.generator, "generator"))
        self.listen_to(trainer, tuple(self._optimizers.values()))

    def _remember(self, player: str, trainer: Trainer, network: nn.Module) -> None:
        optimizers = optimizers_of(trainer, network, "discriminator" if player == "d" else "generator")
        if len(optimizers) > 1:
            raise ValueError(
                f"AddHistoricalAveraging counts a player's updates, and {len(optimizers)} optimizers update the "
                f"{type(network).__name__}: name a part that one of them updates"
            )
        self._optimizers[player] = optimizers[0]
        self._params[player] = tuple(p for p in network.parameters() if p.requires_grad)
        like, size = self._params[player][0].detach(), sum(p.numel() for p in self._params[player])
        fresh = {
            "mean": like.new_zeros(size, dtype=torch.promote_types(like.dtype, torch.float32)),
            "count": like.new_zeros((), dtype=torch.int64),
        }
        kept = self._history.get(player, fresh)
        self._history[player] = {name: tensor.to(like.device) for name, tensor in kept.items()}

    def before_step(self, trainer: Trainer, optimizer: Optimizer) -> None:
        for player, weight in (("d", self.weight_d), ("g", self.weight_g)):
            if weight and self._optimizers[player] is optimizer:
                self._pull(player, weight)

    def _pull(self, player: str, weight: float) -> None:
        params, history = self._params[player], self._history[player]
        add_to_history_(history["mean"], history["count"], params)
        leaves = [p.detach().requires_grad_() for p in params]  # a toggled module may have frozen its own
        with torch.enable_grad():
            term = weight * history_penalty(leaves, history["mean"])
        add_gradients(params, torch.autograd.grad(term, leaves))
