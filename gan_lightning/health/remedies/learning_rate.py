"""Another learning rate for one player or both.

Own study: a fifth of it for both players or for the discriminator was no better than doing nothing (4 of 31 failing
runs): a frozen collapse stays collapsed. For the generator it helped where its rate was the cause.
"""

import math
from typing import Literal

from gan_lightning.health.remedies.learning_rates import SHORT, LearningRates, rates_of
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.verdict import Kind
from gan_lightning.probe import Role

LOSING: frozenset[Kind] = frozenset({"generator_dominates", "oscillation"})
WINNING: frozenset[Kind] = frozenset({"discriminator_dominates", "vanishing_gradient"})


class LearningRate(LearningRates):
    """Multiply the learning rate of a player, or of both.

    Args:
        of: whose.
        factor: above 0 and not 1.
        low: smallest rate that it may lead to, above 0.
        high: largest rate.

    Raises:
        ValueError: if a number is out of range; at fit start, if the limits leave nothing to change.

    Example:
        >>> LearningRate("generator", factor=0.2).name
        'learning rate of G x 0.2'
    """

    evidence = "folklore"
    why = "the player that is ahead slows down, or the other speeds up"

    def __init__(
        self,
        of: Literal["discriminator", "generator", "both"] = "both",
        factor: float = 0.2,
        low: float = 1e-6,
        high: float = 1e-1,
    ) -> None:
        super().__init__()
        if of not in ("discriminator", "generator", "both"):
            raise ValueError(f"expected of to be 'discriminator', 'generator' or 'both', got {of!r}")
        if not (0 < factor < math.inf and factor != 1 and 0 < low <= high):
            raise ValueError(f"expected factor > 0 and not 1, and 0 < low <= high, got {factor}, {low} and {high}")
        self.factor, self.low, self.high = factor, low, high
        self.roles: tuple[Role, ...] = ("discriminator", "generator") if of == "both" else (of,)
        self.name = f"learning rate of {' and '.join(SHORT[role] for role in self.roles)} x {factor:.4g}"
        if of == "both":
            self.suits = frozenset({"oscillation", "divergence", "stagnation"})
        else:
            self.suits = WINNING if (of == "discriminator") == (factor < 1) else LOSING

    def factors(self, patient: Patient) -> dict[Role, float]:
        now = {role: rates_of(patient, role).now for role in self.roles}
        new = {role: min(max(rate * self.factor, self.low), self.high) for role, rate in now.items()}
        found = {
            role: new[role] / rate for role, rate in now.items() if rate and (new[role] < rate) == (self.factor < 1)
        }
        if not any(factor != 1 for factor in found.values()):
            rates = " and ".join(f"{rate:.4g}" for rate in now.values())
            raise ValueError(f"{self.name} would change nothing: it is {rates} and stays in [{self.low}, {self.high}]")
        return found
