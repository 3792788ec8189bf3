"""One-sided label smoothing switched on.

Paper: Salimans et al. 2016, section 3.4, https://arxiv.org/abs/1606.03498. Own study: not tried as a remedy.
"""

from gan_lightning.health.remedies.label_flipping import needs_targets
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.settings import Settings, needs_mixin


class SmoothLabels(Settings):
    """Lower ``smoothing_target`` of the mixin ``OneSidedLabelSmoothing``.

    Args:
        target: what the discriminator is to say of real samples, in [0.5, 1).

    Raises:
        ValueError: if it is out of range; at fit start, if the module is no ``GAN`` with the mixin, or its loss has no
            targets.

    Example:
        >>> SmoothLabels(target=0.8).target
        0.8
    """

    name = "label smoothing"
    suits = frozenset({"discriminator_dominates", "vanishing_gradient", "discriminator_overfitting"})
    evidence = "folklore"
    why = "a discriminator that may not be sure keeps a gradient"

    def __init__(self, target: float = 0.9) -> None:
        super().__init__()
        if not 0.5 <= target < 1:
            raise ValueError(f"expected target in [0.5, 1), got {target}")
        self.target = target

    def wanted(self, patient: Patient) -> dict[str, float]:
        needs_mixin(patient, self.name, "smoothing_target", "OneSidedLabelSmoothing")
        needs_targets(patient, self.name)
        return {"smoothing_target": self.target}
