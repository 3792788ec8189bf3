"""More augmentation by ADA, against a discriminator that learns its samples by heart.

Paper: Karras et al. 2020, section 3.2, https://arxiv.org/abs/2006.06676. Own study: not tried as a remedy.
"""

import math

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.settings import Settings, needs_mixin, numbers_of

HIGHEST = 0.8
"""Above this probability the generator may learn the changes themselves, says the paper."""


class StrengthenADA(Settings):
    """Lower ``ada_target`` of the mixin ``ADA``, so that its probability rises; or raise one that is fixed.

    Args:
        by: how much, in (0, 1).

    Raises:
        ValueError: if it is out of range; at fit start, if the module is no ``GAN`` with the mixin switched on, or
            there is nothing left to raise.

    Example:
        >>> StrengthenADA(by=0.2).name
        'stronger ADA'
    """

    name = "stronger ADA"
    suits = frozenset({"discriminator_overfitting"})
    evidence = "folklore"
    why = "a discriminator cannot learn by heart what it never sees twice"

    def __init__(self, by: float = 0.2) -> None:
        super().__init__()
        if not 0 < by < 1:
            raise ValueError(f"expected by in (0, 1), got {by}")
        self.by = by

    def wanted(self, patient: Patient) -> dict[str, float]:
        needs_mixin(patient, self.name, "ada_target", "ADA")
        now = numbers_of(patient, self.name, ("ada_target", "ada_initial", "ada_max", "ada_speed_kimg"))
        fixed = math.isinf(now["ada_speed_kimg"])
        name, value, limit = (
            ("ada_initial", min(now["ada_initial"] + self.by, HIGHEST, now["ada_max"]), now["ada_max"])
            if fixed
            else ("ada_target", max(now["ada_target"] - self.by, 0.0), now["ada_max"])
        )
        if not limit or value == now[name]:
            raise ValueError(f"{self.name} has nothing to raise: {name}={now[name]:.4g} and ada_max={limit:.4g}")
        return {name: value}
