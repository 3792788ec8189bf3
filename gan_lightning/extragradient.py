"""Extragradient for games: step ahead, and move by the gradient that is found there.

Paper: Gidel, Berard, Vignoud, Vincent, Lacoste-Julien 2019, "A variational inequality perspective on generative
    adversarial networks", algorithm 4 (extrapolation with Adam), https://arxiv.org/abs/1802.10551
Differs: the players extrapolate in turn, as they are updated in turn, and not from the same point.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.optimizer import Optimizer, ParamsT

from gan_lightning.optimizers import FUSED_ON


class ExtraAdam(Optimizer):
    """Adam whose calls alternate between an extrapolation and an update.

    The first call of ``step`` moves the parameters as Adam would, and remembers where they were; the second goes back
    there, and moves by the gradient that was found ahead. On a bilinear game, where gradient descent circles the
    equilibrium, the look ahead bends the path inwards. Both calls advance the moments, as in the paper.

    Give it to both players, with ``d_steps=1`` and ``g_steps=1`` and without ``AdaptiveBalance``: both must look ahead
    at the same iterations. ``max_steps`` and ``global_step`` count both kinds of calls, each with a batch of its own.
    After an odd number of calls the parameters are at the point ahead, which is not where the method is: validation,
    samples and checkpoints' weights show that point. Let them come at even counts, or look within ``at_iterate()``.

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
            settings = {name: group[name] for name in ("lr", "betas", "eps", "weight_decay")}
            for calls, params in self._by_calls(group).items():
                self._move(params, calls, **settings)
        return loss

    @contextmanager
    def at_iterate(self) -> Iterator[None]:
        """Put the parameters back to where the last update left them, and after this context to where they were.

        Between an extrapolation and its update these are two places; otherwise nothing happens. A checkpoint that is
        saved within this context cannot go on exactly.

        Example:
            >>> weight = torch.nn.Parameter(torch.ones(1))
            >>> weight.grad = torch.ones(1)
            >>> optimizer = ExtraAdam([weight], lr=0.5)
            >>> optimizer.step()  # an extrapolation
            >>> with optimizer.at_iterate():
            ...     weight.item()
            1.0
            >>> weight.item()
            0.5
        """
        ahead = [p for p, state in self.state.items() if state["step"] % 2]
        points = [p.detach().clone() for p in ahead]
        self._put(ahead, [self.state[p]["origin"] for p in ahead])
        try:
            yield
        finally:
            self._put(ahead, points)

    @torch.no_grad()
    def _put(self, params: list[Tensor], values: list[Tensor]) -> None:
        if params:
            _copy(params, values)

    def _by_calls(self, group: dict[str, Any]) -> dict[int, list[Tensor]]:
        """Group the parameters that have a gradient by their calls so far: usually one group, one kernel for all."""
        found: dict[int, list[Tensor]] = defaultdict(list)
        for p in group["params"]:
            if p.grad is not None:
                state = self.state[p]
                if not state:
                    state |= {"step": 0} | {name: torch.zeros_like(p) for name in ("exp_avg", "exp_avg_sq", "origin")}
                found[state["step"]].append(p)
        return found

    def _move(
        self,
        params: list[Tensor],
        calls: int,
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        states = [self.state[p] for p in params]
        means, squares, origins = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq", "origin"))
        gradients: Any = [p.grad for p in params]
        if weight_decay:  # at the point ahead, where the gradient is from
            gradients = torch._foreach_add(gradients, params, alpha=weight_decay)
        if calls % 2 == 0:
            _copy(origins, params)
        else:
            _copy(params, origins)
        for state in states:
            state["step"] = calls + 1
        first = params[0]
        fused = len({(p.device, p.dtype) for p in params}) == 1 and first.device.type in FUSED_ON
        fused = fused and first.is_floating_point()
        clocks = torch.full((len(params),), float(calls), device=first.device if fused else "cpu").unbind()
        adam(
            params, gradients, means, squares, [], list(clocks), fused=fused,
            lr=lr, beta1=betas[0], beta2=betas[1], eps=eps, weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip


def _copy(targets: list[Tensor], sources: list[Tensor]) -> None:
    """Overwrite tensors; where they are sharded, each rank does so with its own part."""
    torch._foreach_copy_([_own_part(x) for x in targets], [_own_part(x) for x in sources])


def _own_part(x: Tensor) -> Tensor:
    part = getattr(x, "to_local", None)
    own: Tensor = x if part is None else part()
    return own
