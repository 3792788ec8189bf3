"""How large the weights are, and how far they moved between two checks, from a sample of them."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

SAMPLED = 8192


class WeightWatch:
    """Compares the same few weights of a network at each check; the memory is that of ``SAMPLED`` numbers.

    Args:
        networks: of one player.
    """

    def __init__(self, networks: Iterable[nn.Module]) -> None:
        self._params = [p for network in networks for p in network.parameters() if p.requires_grad]
        total = sum(p.numel() for p in self._params)
        self._stride = max(1, total // SAMPLED)
        self.before: Tensor | None = None

    @torch.no_grad()
    def look(self) -> Tensor:
        """Return the norm of the sampled weights, and of their change since the last look, (2,)."""
        now = torch.cat([p.detach().flatten()[:: self._stride].float() for p in self._params])
        change = torch.zeros_like(now[0]) + torch.nan if self.before is None else (now - self.before).norm()
        self.before = now
        return torch.stack([now.norm(), change])
