"""Any plain number of a module as a lever."""

import math

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Evidence
from gan_lightning.health.remedies.settings import Settings, numbers_of
from gan_lightning.health.verdict import Kind


class AttributeLever(Settings):
    """Multiply a number that the module keeps as an attribute, or set it.

    Works on any module that reads the attribute at each step, such as the settings of the mixins.

    Args:
        attribute: its name, such as ``"gp_weight"`` or one of your own.
        factor: multiplies its value, above 0 and not 1; or give ``to``.
        to: the new value.
        low: smallest value that it may take.
        high: largest value.
        suits: the kinds of failure it may mend.

    Raises:
        ValueError: if not exactly one of ``factor`` and ``to`` is given, or they are out of range; at fit start, if the
            module has no such number, or it would not change.

    Example:
        >>> AttributeLever("gp_weight", factor=3.0, high=100.0, suits={"divergence"}).name
        'gp_weight x 3'
    """

    evidence: Evidence = "folklore"
    why = "its value may be the cause"

    def __init__(
        self,
        attribute: str,
        factor: float | None = None,
        to: float | None = None,
        low: float = -math.inf,
        high: float = math.inf,
        suits: set[Kind] | frozenset[Kind] = frozenset(),
    ) -> None:
        super().__init__()
        if (factor is None) == (to is None) or not low <= high:
            raise ValueError(f"expected factor or to, and low <= high, got {factor}, {to}, {low} and {high}")
        if factor is not None and not (0 < factor < math.inf and factor != 1):
            raise ValueError(f"expected factor > 0 and not 1, got {factor}")
        if to is not None and not low <= to <= high:
            raise ValueError(f"expected to within [low, high], got {to}, {low} and {high}")
        self.attribute, self.factor, self.to, self.low, self.high = attribute, factor, to, low, high
        self.suits = frozenset(suits)
        self.name = f"{attribute} x {factor:.4g}" if factor is not None else f"{attribute} = {to:.4g}"

    def wanted(self, patient: Patient) -> dict[str, float]:
        value = numbers_of(patient, self.name, [self.attribute])[self.attribute]
        new = self.to if self.to is not None else min(max(value * (self.factor or 1.0), self.low), self.high)
        if new == value:
            raise ValueError(f"{self.name} would change nothing: {self.attribute} of the module is {value:.4g}")
        return {self.attribute: type(value)(new)}
