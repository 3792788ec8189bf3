"""The optimizer that GANs are usually trained with."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import _profiler_enabled  # type: ignore[attr-defined]
from torch.optim.optimizer import ParamsT, _global_optimizer_post_hooks, _global_optimizer_pre_hooks

FUSED_ON = frozenset({"cpu", "cuda"})


class AdamGAN(torch.optim.Adam):
    """Adam with the settings of Radford et al. 2016, fused, and lean for small networks.

    A class rather than a lambda, so that a configuration can name it and write it down. The state is that of
    ``torch.optim.Adam``, and so is the arithmetic: one call of its fused kernel. What is left out is what torch does
    around the kernel at every step, which takes longer than the kernel itself where networks are small.

    Paper: Radford, Metz, Chintala 2016, section 4, https://arxiv.org/abs/1511.06434

    Args:
        params: parameters or parameter groups.
        lr: learning rate; the paper's value is 2e-4. Two time-scales: give each player its own.
        betas: decay of the two moments; the paper lowers the first to 0.5, recent work to 0.
        eps: added to the denominator.
        weight_decay: L2 penalty.

    Example:
        >>> layer = torch.nn.Linear(2, 1)
        >>> AdamGAN(layer.parameters()).param_groups[0]["betas"]
        (0.5, 0.999)
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float = 2e-4,
        betas: tuple[float, float] = (0.5, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        entries: list[Any] = list(params)
        beta1, beta2 = betas
        super().__init__(entries, lr, (beta1, beta2), eps, weight_decay, fused=_can_fuse(entries))
        self._prepare()

    def _prepare(self) -> None:
        # The scaler of 16-mixed must unscale the gradients itself, or clipping would see them scaled.
        self._step_supports_amp_scaling = False
        self._clocks: dict[int, Clock] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._prepare()

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Update the parameters once; see ``torch.optim.Adam.step``."""
        if closure is not None or self._is_watched() or not all(map(self._is_lean, self.param_groups)):
            loss: float | None = _with_hooks(torch.optim.Adam.step)(self, closure)
            return loss
        with torch.no_grad():
            for group in self.param_groups:
                self._lean_step(group)
        for hook in self._optimizer_step_post_hooks.values():  # such as those of GeneratorEMA
            hook(self, (self,), {})
        return None

    # So torch does not wrap it into the calls of step hooks, which are asked for above.
    step.hooked = True  # type: ignore[attr-defined]

    def _is_watched(self) -> bool:
        hooks = self._optimizer_step_pre_hooks or _global_optimizer_pre_hooks or _global_optimizer_post_hooks
        return bool(hooks) or _profiler_enabled()

    def _is_lean(self, group: dict[str, Any]) -> bool:
        """Tell whether nothing is asked but the plain fused update of parameters that were updated before."""
        return (
            bool(group["fused"])
            and type(group["lr"]) is float
            and not (group["amsgrad"] or group["maximize"] or group["capturable"] or group["differentiable"])
            and all(p.grad is None or p in self.state for p in group["params"])
        )

    def _lean_step(self, group: dict[str, Any]) -> None:
        params = [p for p in group["params"] if p.grad is not None]
        if not params:
            return
        states = [self.state[p] for p in params]
        clock = self._clocks.get(id(group))
        if clock is None or not clock.shows(states):
            clock = self._clocks[id(group)] = Clock(states)
        clock.count.add_(1)
        beta1, beta2 = group["betas"]
        torch._fused_adam_(
            params,
            [p.grad for p in params],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            clock.steps,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            amsgrad=False,
            maximize=False,
        )


class Clock:
    """The step counters of a group in one tensor, so that one addition advances them all.

    Args:
        states: the parameters' states, whose ``step`` becomes a view of that tensor.
    """

    __slots__ = ("count", "steps")

    def __init__(self, states: list[dict[str, Tensor]]) -> None:
        self.count = torch.stack([state["step"] for state in states])
        self.steps = list(self.count.unbind())
        for state, step in zip(states, self.steps, strict=True):
            state["step"] = step

    def shows(self, states: list[dict[str, Tensor]]) -> bool:
        """Tell whether the states still hold these counters; a loaded state brings its own."""
        return len(states) == len(self.steps) and all(
            state["step"] is step for state, step in zip(states, self.steps, strict=True)
        )


def _with_hooks(step: Any) -> Any:
    return step if getattr(step, "hooked", False) else torch.optim.Optimizer.profile_hook_step(step)


def _can_fuse(params: Iterable[Any]) -> bool:
    """Tell whether all parameters are floating, of one type and on one device that has the kernel."""
    tensors: list[Tensor] = []
    for entry in params:
        group = entry["params"] if isinstance(entry, dict) else entry[1] if isinstance(entry, tuple) else entry
        tensors += [group] if isinstance(group, Tensor) else list(group)
    kinds = {(tensor.device, tensor.dtype) for tensor in tensors}
    return len(kinds) <= 1 and all(d.type in FUSED_ON and t.is_floating_point for d, t in kinds)
