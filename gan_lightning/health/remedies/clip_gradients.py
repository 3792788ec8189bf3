"""Gradient clipping at what has been usual of late, in any module."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from gan_lightning.distributed import whole
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.probe import Role, check_gradients

KEEPS = 0.99
"""What the running mean of the norms keeps at each update."""


class ClipAtUsualNorm(Remedy):
    """Scale each player's gradient down to a multiple of the running mean of its norm, and drop one that is not finite.

    The mean is over clipped norms while it is active, from the first finite one on. An update whose gradient is
    dropped is made with zeros, so that momentum moves on. A module's own clipping may come before or after.

    Args:
        times: multiple of the usual norm, 1 or more.

    Raises:
        ValueError: if it is out of range; at fit start, if an optimizer does not let gradients be changed.

    Example:
        >>> ClipAtUsualNorm(times=2.0).name
        'clipped gradients'
    """

    name = "clipped gradients"
    suits = frozenset({"divergence", "oscillation"})
    evidence = "folklore"
    keeps = True

    def __init__(self, times: float = 2.0) -> None:
        super().__init__()
        if not 1 <= times < math.inf:
            raise ValueError(f"expected times >= 1, got {times}")
        self.times = times
        self._usual: dict[str, Tensor] = {}

    def prepare(self, patient: Patient) -> None:
        for optimizers in patient.probe.optimizers.values():
            check_gradients(patient.trainer, optimizers, self.name)

    def apply(self, patient: Patient) -> Change:
        self._usual, self.is_active = {}, True
        return Change(
            "gradient norms", "as they are", f"at most {self.times:.4g} x usual", "one batch cannot throw it off"
        )

    def undo(self, patient: Patient) -> Change:
        self._usual, self.is_active = {}, False
        return Change(
            "gradient norms", f"at most {self.times:.4g} x usual", "as they are", f"{self.name} are taken back"
        )

    @torch.no_grad()
    def before_step(self, patient: Patient, optimizer: Optimizer) -> None:
        role = patient.probe.role_of(optimizer)
        gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        if role is None or not gradients:
            return
        norm = whole(torch.nn.utils.get_total_norm(gradients))
        is_finite = norm.isfinite()
        factor = self._factor(role, norm)
        for gradient in gradients:
            gradient.copy_(torch.where(is_finite, gradient * factor.to(gradient.dtype), torch.zeros_like(gradient)))

    def _factor(self, role: Role, norm: Tensor) -> Tensor:
        usual = self._usual.get(role, torch.full_like(norm, torch.nan)).to(norm)
        usual = torch.where(usual.isnan(), torch.where(norm.isfinite(), norm, torch.nan), usual)
        factor = torch.where(usual.isnan(), 1.0, (self.times * usual / norm).nan_to_num(1.0).clamp(max=1.0))
        new = torch.lerp(norm * factor, usual, KEEPS)
        self._usual[role] = torch.where(new.isfinite(), new, usual)
        return factor

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"usual": {role: usual.clone() for role, usual in self._usual.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._usual = dict(state["usual"])
