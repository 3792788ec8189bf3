"""Negative momentum: friction for two players that are updated in turn.

Paper: Gidel, Askari Hemmat, Pezeshki, Le Priol, Huang, Lacoste-Julien, Mitliagkas 2019, "Negative momentum for improved
    game dynamics", section 5, https://arxiv.org/abs/1807.04740
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer, ParamsT


class NegativeMomentumSGD(Optimizer):
    """Gradient descent with momentum of any sign: ``v = momentum * v - lr * gradient``, ``p = p + v``.

    ``torch.optim.SGD`` refuses a negative momentum. On a bilinear game with players updated in turn, plain descent
    circles the equilibrium for ever, positive momentum spirals out, and -1/2 spirals in. Give it to both players.

    Args:
        params: parameters or parameter groups.
        lr: learning rate.
        momentum: in (-1, 1); the paper recommends -1/2.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> weight = torch.nn.Parameter(torch.ones(1))
        >>> optimizer = NegativeMomentumSGD([weight], lr=0.5)
        >>> for _ in range(2):
        ...     weight.grad = torch.ones(1)
        ...     optimizer.step()
        >>> weight.item()  # 1 - 0.5, then - 0.5 + 0.25
        0.25
    """

    def __init__(self, params: ParamsT, lr: float = 1e-2, momentum: float = -0.5) -> None:
        if lr < 0 or not -1 < momentum < 1:
            raise ValueError(f"expected lr >= 0 and momentum in (-1, 1), got {lr} and {momentum}")
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Update the parameters once."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if params:
                velocities: list[Tensor] = [self._velocity(p) for p in params]
                torch._foreach_mul_(velocities, group["momentum"])
                torch._foreach_add_(velocities, [p.grad for p in params], alpha=-group["lr"])
                torch._foreach_add_(params, velocities)
        return loss

    def _velocity(self, p: Tensor) -> Tensor:
        state = self.state[p]
        if not state:
            state["velocity"] = torch.zeros_like(p)
        velocity: Tensor = state["velocity"]
        return velocity
