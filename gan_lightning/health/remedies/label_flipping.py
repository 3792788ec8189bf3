"""Label flipping switched on: some real samples are called generated for a while.

Own study: no better than doing nothing (5 of 31 failing runs against 4, with 0.25). MathWorks advises it for a
discriminator that wins.
"""

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.settings import Settings, needs_mixin


class FlipLabels(Settings):
    """Raise ``flip_share`` of the mixin ``LabelFlipping``.

    Args:
        share: of the real samples, in (0, 0.5].

    Raises:
        ValueError: if it is out of range; at fit start, if the module is no ``GAN`` with the mixin, or its loss has no
            targets.

    Example:
        >>> FlipLabels(share=0.25).evidence
        'folklore'
    """

    name = "label flipping"
    suits = frozenset({"discriminator_dominates", "vanishing_gradient", "discriminator_overfitting"})
    evidence = "folklore"
    why = "a discriminator that is lied to cannot be too sure"

    def __init__(self, share: float = 0.25) -> None:
        super().__init__()
        if not 0 < share <= 0.5:
            raise ValueError(f"expected share in (0, 0.5], got {share}")
        self.share = share

    def wanted(self, patient: Patient) -> dict[str, float]:
        needs_mixin(patient, self.name, "flip_share", "LabelFlipping")
        needs_targets(patient, self.name)
        return {"flip_share": self.share}


def needs_targets(patient: Patient, name: str) -> None:
    """Refuse losses without targets.

    Raises:
        ValueError: if the loss of a GAN of this package has none.
    """
    loss = getattr(patient.module, "loss", None)
    if not getattr(loss, "uses_targets", False):
        raise ValueError(
            f"{name} changes the discriminator's targets, but {type(loss).__name__} has none: use NonSaturating or "
            "LeastSquares, or leave it out"
        )
