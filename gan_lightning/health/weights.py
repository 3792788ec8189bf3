"""How large the weights are, how far they moved between two checks, and how much each layer can stretch its input."""

from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_lightning.distributed import whole

SAMPLED = 8192
FIRST_STEPS = 4
"""Power iterations at the first look; one at each further one."""


class WeightWatch:
    """Compares the same few weights of a network at each check, and follows the largest singular value per layer.

    The memory is that of ``SAMPLED`` numbers and one vector per layer, as long as it has outputs. The singular values
    are those of power iteration, one step per check from where the last one ended: nothing is random, and while the
    weights move slowly they are followed closely.

    Args:
        networks: of one player.
    """

    def __init__(self, networks: Iterable[nn.Module]) -> None:
        params = [p for network in networks for p in network.parameters()]
        self._params = [p for p in params if p.requires_grad] or params  # those of a frozen player have to be seen, too
        total = sum(p.numel() for p in self._params)
        self._stride = max(1, total // SAMPLED)
        self._layers = [p for p in self._params if p.ndim > 1]
        self._starts: list[Tensor] = []
        self.before: Tensor | None = None
        self._directions: list[Tensor] = []

    @torch.no_grad()
    def look(self) -> Tensor:
        """Return the norm of the sampled weights, and of their change since the last look, (2,)."""
        now = torch.cat([whole(p.detach()).flatten()[:: self._stride].float() for p in self._params])
        change = torch.zeros_like(now[0]) + torch.nan if self.before is None else (now - self.before).norm()
        self.before = now
        return torch.stack([now.norm(), change])

    @torch.no_grad()
    def spectrum(self) -> Tensor:
        """Return the largest singular value of each layer's weight, (L,), all but its first dimension flattened."""
        if not self._layers:
            return torch.empty(0)
        if not self._starts:
            self._starts = [_start(weight) for weight in self._layers]
        if not self._directions:
            self._directions = self._starts
            for _ in range(FIRST_STEPS - 1):
                self._power_step()
        return self._power_step()

    def _power_step(self) -> Tensor:
        each = zip(self._layers, self._directions, self._starts, strict=True)
        values, directions = zip(*(_iterated(*layer) for layer in each), strict=True)
        self._directions = list(directions)
        return torch.stack(values)

    def state_dict(self) -> dict[str, Any]:
        return {"before": self.before, "directions": list(self._directions)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        device = self._params[0].device if self._params else None
        before = state["before"]
        self.before = None if before is None else before.to(device)
        self._directions = [direction.to(device) for direction in state["directions"]]


def _start(weight: Tensor) -> Tensor:
    """Return a unit vector (outputs,) that is neither random nor along a likely direction."""
    direction = torch.arange(1, len(weight) + 1, device=weight.device, dtype=torch.float32).cos()
    unit: Tensor = direction / direction.norm()
    return unit


def _iterated(weight: Tensor, direction: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """Return the singular value (), and the direction (outputs,) after a step; a lost direction starts anew."""
    matrix = whole(weight.detach()).flatten(1).float()
    stretched = matrix @ F.normalize(direction @ matrix, dim=0)
    value = stretched.norm()
    return value, torch.where((value > 0) & (value < torch.inf), stretched / value, start)
