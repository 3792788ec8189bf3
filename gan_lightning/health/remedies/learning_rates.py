"""What the remedies that change learning rates have in common."""

from abc import abstractmethod
from typing import Any

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.rates import Rates
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.probe import Role

SHORT: dict[Role, str] = {"discriminator": "D", "generator": "G"}


class LearningRates(Remedy):
    """Multiplies the learning rates of players, in all parameter groups, with what their schedulers start from.

    Optimizers and schedulers keep the new rates in checkpoints themselves. ``undo`` puts back the numbers that were
    there; those that a scheduler has moved since are divided by the factor.
    """

    why: str

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, list[float]] = {}
        self._after: dict[str, list[float]] = {}

    @abstractmethod
    def factors(self, patient: Patient) -> dict[Role, float]:
        """Return by how much each player's rates are multiplied.

        Raises:
            ValueError: if the module does not allow it, or nothing would change.
        """

    def prepare(self, patient: Patient) -> None:
        if not self.is_active:
            self.factors(patient)

    def apply(self, patient: Patient) -> Change:
        if self.is_active:
            self.undo(patient)
        factors = self.factors(patient)
        rates = {role: rates_of(patient, role) for role in factors}
        old = _said({role: each.now for role, each in rates.items()})
        for role, each in rates.items():
            self._before[role] = each.read()
            each.scale(factors[role])
            self._after[role] = each.read()
        self.is_active = True
        return Change(_what(factors), old, _said({role: each.now for role, each in rates.items()}), self.why)

    def undo(self, patient: Patient) -> Change:
        roles: tuple[Role, ...] = ("discriminator", "generator")
        rates = {role: rates_of(patient, role) for role in roles if role in self._before}
        old = _said({role: each.now for role, each in rates.items()})
        for role, each in rates.items():
            threes = zip(each.read(), self._before[role], self._after[role], strict=True)
            each.write([before if now == after else now / (after / before) for now, before, after in threes])
        self._before, self._after, self.is_active = {}, {}, False
        new = _said({role: each.now for role, each in rates.items()})
        return Change(_what(rates), old, new, f"{self.name} is taken back")

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"before": dict(self._before), "after": dict(self._after)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._before, self._after = dict(state["before"]), dict(state["after"])


def rates_of(patient: Patient, role: Role) -> Rates:
    """Return the learning rates of a player."""
    return Rates(patient.trainer, patient.probe.optimizers[role])


def _what(roles: dict[Role, Any]) -> str:
    return f"learning rate of {' and '.join(SHORT[role] for role in roles)}"


def _said(rates: dict[Role, float]) -> str:
    return " and ".join(f"{rate:.4g}" for rate in rates.values())
