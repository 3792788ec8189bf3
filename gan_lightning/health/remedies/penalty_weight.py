"""The penalties that a module has already, made stronger or weaker.

Own study: strength matters both ways; a tenth of the right one is nearly useless, ten times as much blurs.
"""

import math

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.settings import Settings

PENALTIES = (
    "r1_gamma",
    "r2_gamma",
    "gp_weight",
    "dragan_weight",
    "zero_centered_weight",
    "fd_r1_gamma",
    "fd_r2_gamma",
    "lecam_weight",
)


class PenaltyWeight(Settings):
    """Multiply the weight of each penalty on the discriminator that is on: those of the mixins, by their names.

    Args:
        factor: above 0, not 1; below 1 weakens them.
        low: smallest weight, above 0.
        high: largest weight.

    Raises:
        ValueError: if a number is out of range; at fit start, if the module has no such penalty switched on.

    Example:
        >>> PenaltyWeight(factor=3.0).name
        'penalties x 3'
    """

    suits = frozenset({"mode_collapse", "discriminator_dominates", "divergence", "discriminator_overfitting"})
    evidence = "folklore"
    why = "the penalty may be too weak or too strong for these data"

    def __init__(self, factor: float = 3.0, low: float = 1e-4, high: float = 1e3) -> None:
        super().__init__()
        if not (0 < factor < math.inf and factor != 1 and 0 < low <= high):
            raise ValueError(f"expected factor > 0 and not 1, and 0 < low <= high, got {factor}, {low} and {high}")
        self.factor, self.low, self.high = factor, low, high
        self.name = f"penalties x {factor:.4g}"

    def wanted(self, patient: Patient) -> dict[str, float]:
        on = {
            name: value
            for name in PENALTIES
            if isinstance(value := getattr(patient.module, name, None), int | float) and value > 0
        }
        new = {name: min(max(value * self.factor, self.low), self.high) for name, value in on.items()}
        if not on or new == on:
            there = ", ".join(f"{name}={value:.4g}" for name, value in on.items()) or "none"
            raise ValueError(
                f"{self.name} finds none to change in {type(patient.module).__name__}: it knows {', '.join(PENALTIES)} "
                f"above 0 within [{self.low:.4g}, {self.high:.4g}], and there is {there}"
            )
        return new
