"""Optimizer steps through which gradients flow, and a look-ahead made of them.

Paper: Metz, Poole, Pfau, Sohl-Dickstein 2017, "Unrolled generative adversarial networks", section 2.2,
    https://arxiv.org/abs/1611.02163. Adam: Kingma, Ba 2015, algorithm 1, https://arxiv.org/abs/1412.6980.
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim import AdamW, Optimizer

Moments = tuple[Tensor, Tensor]
Number = Tensor | float | int


def adam_step(
    param: Float[Tensor, "*shape"],
    gradient: Float[Tensor, "*shape"],
    moments: tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]],
    step: Number,
    *,
    lr: Number,
    betas: tuple[float | int, float | int],
    eps: float | int,
    weight_decay: float | int = 0.0,
    decoupled: bool = False,
) -> tuple[Float[Tensor, "*shape"], Moments]:
    """Return what one step of Adam makes of a parameter and its two moments, as new tensors with a graph.

    Args:
        param: where it is.
        gradient: there, with a graph if the step is to be differentiated.
        moments: running means of the gradient and of its square, zero at the start.
        step: number of this step, from 1.
        lr: learning rate.
        betas: decay of the two moments.
        eps: added to the denominator.
        weight_decay: pull to zero.
        decoupled: on the parameter, as AdamW does, in the place of the gradient.

    Example:
        >>> zero = torch.zeros(1)
        >>> param, moments = adam_step(zero, torch.ones(1), (zero, zero), 1, lr=0.1, betas=(0.9, 0.999), eps=0.0)
        >>> round(param.item(), 6)
        -0.1
    """
    if weight_decay and decoupled:
        param = param * (1 - lr * weight_decay)
    elif weight_decay:
        gradient = gradient + weight_decay * param
    (beta1, beta2), (mean, square) = betas, moments
    step = step.to(torch.promote_types(param.dtype, torch.float32)) if isinstance(step, Tensor) else step
    mean = mean + (1 - beta1) * (gradient - mean)
    square = beta2 * square + (1 - beta2) * gradient * gradient
    used = square > 0  # the root has no slope at zero
    root = torch.where(used, torch.where(used, square, 1.0).sqrt(), 0.0)
    denominator = root / (1 - beta2**step) ** 0.5 + eps
    return param - lr / (1 - beta1**step) * mean / denominator, (mean, square)


def sgd_step(
    param: Float[Tensor, "*shape"],
    gradient: Float[Tensor, "*shape"],
    velocity: Float[Tensor, "*shape"] | None,
    *,
    lr: Number,
    momentum: float | int = 0.0,
    dampening: float | int = 0.0,
    weight_decay: float | int = 0.0,
    nesterov: bool = False,
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"] | None]:
    """Return what one step of ``torch.optim.SGD`` makes of a parameter and its velocity, with a graph.

    Args:
        param: where it is.
        gradient: there, with a graph if the step is to be differentiated.
        velocity: the momentum buffer, None before the first step.
        lr: learning rate.
        momentum: share of the velocity that is kept.
        dampening: share of the gradient that does not enter the velocity.
        weight_decay: L2 penalty.
        nesterov: look ahead along the new velocity.

    Example:
        >>> sgd_step(torch.ones(1), torch.ones(1), None, lr=0.25)
        (tensor([0.7500]), None)
    """
    if weight_decay:
        gradient = gradient + weight_decay * param
    if momentum:
        velocity = gradient if velocity is None else momentum * velocity + (1 - dampening) * gradient
        gradient = gradient + momentum * velocity if nesterov else velocity
    return param - lr * gradient, velocity


class LookAhead:
    """The parameters that an optimizer would reach from its present state; the optimizer is left as it is.

    Args:
        optimizer: ``torch.optim.Adam``, ``AdamW`` or ``SGD``, or a subclass with the same arithmetic.

    Example:
        >>> weight = torch.ones(1, requires_grad=True)
        >>> ahead = LookAhead(torch.optim.SGD([weight], lr=0.25))
        >>> ahead.step([torch.ones(1)])
        >>> ahead.params[0].item(), weight.item()
        (0.75, 1.0)
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._decoupled = isinstance(optimizer, AdamW)
        entries = [(p, group) for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
        self.originals: list[Tensor] = [p for p, _ in entries]
        """Those of the optimizer's parameters that take gradients."""
        self.params: list[Tensor] = [p.detach().requires_grad_() for p in self.originals]
        """Where they are after the steps so far; leaves before the first one."""
        self._groups = [group for _, group in entries]
        self._states = [dict(optimizer.state.get(p, {})) for p in self.originals]

    def step(self, gradients: Sequence[Tensor | None]) -> None:
        """Go one step on.

        Args:
            gradients: one for each of ``params``; None leaves it where it is.
        """
        entries = zip(self.params, gradients, self._groups, self._states, strict=True)
        self.params = [p if g is None else self._updated(p, g, group, state) for p, g, group, state in entries]

    def _updated(self, param: Tensor, gradient: Tensor, group: dict[str, Any], state: dict[str, Any]) -> Tensor:
        if "betas" not in group:
            names = ("lr", "momentum", "dampening", "weight_decay", "nesterov")
            settings = {name: group[name] for name in names}
            param, state["momentum_buffer"] = sgd_step(param, gradient, state.get("momentum_buffer"), **settings)
            return param
        if not state:
            state |= {"step": 0, "exp_avg": torch.zeros_like(param), "exp_avg_sq": torch.zeros_like(param)}
        state["step"] = state["step"] + 1
        settings = {name: group[name] for name in ("lr", "betas", "eps", "weight_decay")}
        moments = state["exp_avg"], state["exp_avg_sq"]
        param, moments = adam_step(param, gradient, moments, state["step"], decoupled=self._decoupled, **settings)
        state["exp_avg"], state["exp_avg_sq"] = moments
        return param
