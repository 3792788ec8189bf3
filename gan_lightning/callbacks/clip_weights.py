"""Weight clipping for any module: the Lipschitz bound of the first Wasserstein GAN.

Paper: Arjovsky, Chintala, Bottou 2017, algorithm 1, https://arxiv.org/abs/1701.07875
"""

from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn

from gan_lightning.callbacks.attached import Attached
from gan_lightning.probe import find_network, optimizers_of


class ClipWeights(Attached):
    """Clamp the critic's parameters to ``[-limit, limit]`` after each of their updates.

    For critics with the Wasserstein loss. The paper itself calls it "a clearly terrible way" to bound the slope;
    ``AddSpectralNorm`` and gradient penalties came later.

    Args:
        limit: above 0; the paper uses 0.01.
        discriminator: dotted path of the network; found by its name if None.

    Raises:
        ValueError: if ``limit <= 0``; at fit start, if the discriminator or its optimizer is not found.

    Example:
        >>> ClipWeights().limit
        0.01
    """

    def __init__(self, limit: float = 0.01, discriminator: str | None = None) -> None:
        super().__init__()
        if not limit > 0:
            raise ValueError(f"expected limit > 0, got {limit}")
        self.limit, self.discriminator = limit, discriminator

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._network: nn.Module = find_network(pl_module, self.discriminator, "discriminator")
        for optimizer in optimizers_of(trainer, self._network, "discriminator"):
            self.hold(optimizer.register_step_post_hook(self._clip))

    @torch.no_grad()
    def _clip(self, *called_with: Any) -> None:
        updated: list[Tensor] = [p for p in self._network.parameters() if p.grad is not None]
        if updated:
            torch._foreach_clamp_min_(updated, -self.limit)
            torch._foreach_clamp_max_(updated, self.limit)
