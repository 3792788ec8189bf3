"""Remedies that change plain numbers of the module, as the mixins keep them."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy


class Settings(Remedy):
    """Sets attributes of the module, and puts them back.

    Applied while it is active, it goes on from what it has set, and ``undo`` still goes back to the first values.
    """

    why: str

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, float] = {}
        self._after: dict[str, float] = {}

    @abstractmethod
    def wanted(self, patient: Patient) -> dict[str, float]:
        """Return the new values by attribute; change nothing.

        Raises:
            ValueError: if the module does not have them, or they would have no effect.
        """

    def prepare(self, patient: Patient) -> None:
        if self.is_active:
            _set(patient, self._after)
        else:
            self.wanted(patient)

    def apply(self, patient: Patient) -> Change:
        after = self.wanted(patient)
        before = numbers_of(patient, self.name, after)
        self._before, self._after = {**before, **self._before}, {**self._after, **after}
        _set(patient, after)
        self.is_active = True
        return Change(_names(after), _said(before), _said(after), self.why)

    def undo(self, patient: Patient) -> Change:
        before, after = self._before, self._after
        _set(patient, before)
        self._before, self._after, self.is_active = {}, {}, False
        return Change(_names(before), _said(after), _said(before), f"{self.name} is taken back")

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"before": dict(self._before), "after": dict(self._after)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._before, self._after = dict(state["before"]), dict(state["after"])


def numbers_of(patient: Patient, name: str, attributes: Iterable[str]) -> dict[str, float]:
    """Return plain numbers of the module by attribute.

    Raises:
        ValueError: if one is absent or no number.
    """
    found = {}
    for attribute in attributes:
        value = getattr(patient.module, attribute, None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            has = "has none" if value is None else f"has {value!r:.60}"
            raise ValueError(f"{name} sets the number {attribute}, and {type(patient.module).__name__} {has}")
        found[attribute] = value
    return found


def needs_mixin(patient: Patient, name: str, attribute: str, mixin: str) -> None:
    """Refuse a module without the setting that a mixin of this package brings.

    Raises:
        ValueError: if it is absent.
    """
    if not patient.is_own_gan or not hasattr(patient.module, attribute):
        got = type(patient.module).__name__
        how = f"class My{got}({mixin}, {got})" if patient.is_own_gan else f"train a GAN of this package with {mixin}"
        raise ValueError(f"{name} turns {attribute} of the mixin {mixin}, which {got} does not have: {how}")


def _set(patient: Patient, values: dict[str, float]) -> None:
    for attribute, value in values.items():
        setattr(patient.module, attribute, value)


def _names(values: dict[str, float]) -> str:
    return ", ".join(values)


def _said(values: dict[str, float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values.values())
