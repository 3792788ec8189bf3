"""Extragradient for games: step ahead, and move by the gradient that is found there.

Paper: Gidel, Berard, Vignoud, Vincent, Lacoste-Julien 2019, "A variational inequality perspective on generative
    adversarial networks", algorithm 4 (extrapolation with Adam), https://arxiv.org/abs/1802.10551
Differs: the players extrapolate in turn, as they are updated in turn, and not from the same point.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer, ParamsT


class ExtraAdam(Optimizer):
    """Adam whose calls alternate between an extrapolation and an update.

    The first call of ``step`` moves the parameters as Adam would, and remembers where they were; the second goes back
    there, and moves by the gradient that was found ahead. On a bilinear game, where gradient descent circles the
    equilibrium, the look ahead bends the path inwards. Both calls advance the moments, as in the paper. Give it to both
    players; ``max_steps`` and ``global_step`` count both kinds of calls, each with a batch of its own.

    Args:
        params: parameters or parameter groups.
        lr: learning rate.
        betas: decay of the two moments; the paper uses (0.5, 0.9).
        eps: added to the denominator.
        weight_decay: L2 penalty.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> weight = torch.nn.Parameter(torch.ones(1))
        >>> optimizer = ExtraAdam([weight], lr=0.1, betas=(0.0, 0.9))
        >>> for _ in range(2):
        ...     weight.grad = torch.ones(1)
        ...     optimizer.step()
        >>> round(weight.item(), 3)  # two calls, one update
        0.9
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-4,
        betas: tuple[float, float] = (0.5, 0.9),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        beta1, beta2 = betas
        if lr < 0 or eps < 0 or weight_decay < 0 or not (0 <= beta1 < 1 and 0 <= beta2 < 1):
            raise ValueError(
                "expected lr, eps and weight_decay >= 0 and betas in [0, 1), got "
                f"{lr}, {eps}, {weight_decay} and {betas}"
            )
        super().__init__(params, {"lr": lr, "betas": (beta1, beta2), "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Extrapolate at the first call, update at the second, and so on."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._move(p, p.grad, **{name: group[name] for name in ("lr", "betas", "eps", "weight_decay")})
        return loss

    def _move(
        self, p: Tensor, gradient: Tensor, lr: float, betas: tuple[float, float], eps: float, weight_decay: float
    ) -> None:
        state = self.state[p]
        if not state:
            state |= {"step": 0, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}
            state["origin"] = torch.zeros_like(p)
        (beta1, beta2), mean, square = betas, state["exp_avg"], state["exp_avg_sq"]
        gradient = gradient.add(p, alpha=weight_decay) if weight_decay else gradient
        mean.lerp_(gradient, 1 - beta1)
        square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        if state["step"] % 2 == 0:
            state["origin"].copy_(p)
        else:
            p.copy_(state["origin"])
        state["step"] += 1
        denominator = square.sqrt().div_((1 - beta2 ** state["step"]) ** 0.5).add_(eps)
        p.addcdiv_(mean, denominator, value=-lr / (1 - beta1 ** state["step"]))
