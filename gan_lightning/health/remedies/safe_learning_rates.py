"""Both players at the slower one's learning rate.

Own study: with R1 + R2, a rate put back to where healthy runs have it was the cure for a player ten times too fast;
alone it was not.
"""

import math

from gan_lightning.health.remedies.learning_rates import LearningRates, rates_of
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.probe import Role


class SafeLearningRates(LearningRates):
    """Lower the learning rate of the faster player to that of the other, or both to a rate known to be safe.

    Two rates on purpose (TTUR) look like a fault to it: name the safe rate then, or leave it out.

    Args:
        rate: known to be safe, above 0; None takes the smaller one of the two.

    Raises:
        ValueError: if ``rate <= 0``; at fit start, if the players have different kinds of optimizers, whose rates
            cannot be compared, or no rate is too large.

    Example:
        >>> SafeLearningRates(rate=2e-4).name
        'safe learning rates'
    """

    name = "safe learning rates"
    suits = frozenset(
        {"discriminator_dominates", "generator_dominates", "oscillation", "mode_collapse", "divergence", "dead_start"}
    )
    evidence = "measured"
    keeps = True
    why = "a player that is too fast undoes what the other learns"

    def __init__(self, rate: float | None = None) -> None:
        super().__init__()
        if rate is not None and not 0 < rate < math.inf:
            raise ValueError(f"expected rate > 0 or None, got {rate}")
        self.rate = rate

    def factors(self, patient: Patient) -> dict[Role, float]:
        kinds = {type(optimizer).__name__ for found in patient.probe.optimizers.values() for optimizer in found}
        if len(kinds) > 1 and self.rate is None:
            raise ValueError(
                f"{self.name} cannot compare the rates of {' and '.join(sorted(kinds))}: say which is safe, rate=..."
            )
        roles: tuple[Role, ...] = ("discriminator", "generator")
        now = {role: rates_of(patient, role).now for role in roles}
        safe = min(now.values()) if self.rate is None else self.rate
        found: dict[Role, float] = {role: safe / rate for role, rate in now.items() if rate > safe > 0}
        if not found:
            rates = " and ".join(f"{rate:.4g}" for rate in now.values())
            raise ValueError(f"{self.name} would change nothing: D and G have {rates}")
        return found
