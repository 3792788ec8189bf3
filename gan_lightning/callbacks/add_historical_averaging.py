"""Historical averaging for a module that knows nothing of it: each player is held to the mean of its own past.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.3, https://arxiv.org/abs/1606.03498
"""

from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.callbacks.attached import ChangesGradients, add_gradients, has_gradients
from gan_lightning.functional import add_to_history_, history_penalty
from gan_lightning.probe import Role, check_whole, find_network, own_optimizers


class AddHistoricalAveraging(ChangesGradients):
    """Add the gradient of ``weight * |theta - 1/t sum_i theta[i]|^2`` before each update of a player.

    The mean is over the parameters before each of the t updates so far, the present one among them; one copy of the
    parameters per player, which goes into the checkpoint. An update without any gradient does not count. The term is in
    no logged loss. For a ``GAN`` of this package there is the mixin ``HistoricalAveraging``.

    Args:
        weight_d: the discriminator's weight, 0 or more; at 0 no mean is kept.
        weight_g: likewise for the generator.
        discriminator: dotted path of the network; found by its name if None.
        generator: likewise for the generator.

    Raises:
        ValueError: if a weight is negative; at fit start, if a player or its optimizer is not found, or several
            optimizers update one player, or one optimizer both; or if a player that was found by its name is only a
            part of what its optimizer trains.

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
        if not (weight_d >= 0 and weight_g >= 0):
            raise ValueError(f"expected weight_d >= 0 and weight_g >= 0, got {weight_d} and {weight_g}")
        self.weight_d, self.weight_g = weight_d, weight_g
        self.discriminator, self.generator = discriminator, generator
        self._networks: dict[str, nn.Module] = {}
        self._optimizers: dict[str, Optimizer] = {}

    def start_anew(self) -> None:
        self._history: dict[str, dict[str, Tensor]] = {}

    @property
    def state_key(self) -> str:
        return self._generate_state_key(discriminator=self.discriminator, generator=self.generator)

    def state_dict(self) -> dict[str, Any]:
        return {"history": self._history}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._history = state_dict["history"]

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._networks, self._optimizers = {}, {}
        if self.weight_d:
            self._remember("discriminator", self.discriminator, trainer, pl_module)
        if self.weight_g:
            self._remember("generator", self.generator, trainer, pl_module)
        self.listen_to(trainer, tuple(self._optimizers.values()))

    def _remember(self, role: Role, path: str | None, trainer: Trainer, pl_module: LightningModule) -> None:
        network = find_network(pl_module, path, role)
        optimizers = own_optimizers(trainer, network, role)
        if path is None:
            check_whole(pl_module, network, optimizers, role)
        if len(optimizers) > 1:
            raise ValueError(
                f"AddHistoricalAveraging counts a player's updates, and {len(optimizers)} optimizers update the "
                f"{type(network).__name__}: name a part that one of them updates"
            )
        player = role[0]
        self._networks[player], self._optimizers[player] = network, optimizers[0]
        params = _floating(network)
        like, size = params[0].detach(), sum(p.numel() for p in params)
        fresh = {
            "mean": torch.zeros(size, dtype=torch.promote_types(like.dtype, torch.float32), device=like.device),
            "count": torch.zeros((), dtype=torch.int64, device=like.device),
        }
        kept = self._history.get(player, fresh)
        self._history[player] = {name: tensor.to(like.device) for name, tensor in kept.items()}

    def before_step(self, trainer: Trainer, optimizer: Optimizer) -> None:
        for player, weight in (("d", self.weight_d), ("g", self.weight_g)):
            if weight and self._optimizers[player] is optimizer and has_gradients(self._networks[player]):
                self._pull(player, weight)

    def _pull(self, player: str, weight: float) -> None:
        params, history = _floating(self._networks[player]), self._history[player]
        add_to_history_(history["mean"], history["count"], params)
        leaves = [p.detach().requires_grad_() for p in params]  # a toggled module may have frozen its own
        with torch.enable_grad():
            term = weight * history_penalty(leaves, history["mean"])
        pulls = torch.autograd.grad(term, leaves)
        trained = [(p, pull) for p, pull in zip(params, pulls, strict=True) if p.grad is not None]
        add_gradients(*zip(*trained, strict=True))


def _floating(network: nn.Module) -> list[nn.Parameter]:
    """All parameters, for one that is frozen now may be trained later."""
    return [p for p in network.parameters() if p.is_floating_point()]
