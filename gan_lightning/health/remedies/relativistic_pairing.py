"""The relativistic pairing loss in place of the one that fails.

Paper: Jolicoeur-Martineau 2018, section 4, https://arxiv.org/abs/1807.00734; Huang et al. 2024,
    https://arxiv.org/abs/2501.05441, where it is there from the start, with R1 + R2. Own study: as a switch in mid-run
    no better than doing nothing (4 of 31 failing runs), nothing gained on top of R1 + R2, and worse where the loss
    was Wasserstein's. It is in no default ladder.
"""

from typing import Any

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.losses import RelativisticPaired

NEUTRAL = {"topk_share": 1.0, "smoothing_target": 1.0, "flip_share": 0.0}
"""Settings of the mixins that do not go with it, and where they are off."""


class RelativisticPairing(Remedy):
    """Set ``loss`` of a ``GAN`` of this package to ``RelativisticPaired``.

    A run that is resumed while it is active warns of the other loss in the checkpoint: leave the module as it was.

    Raises:
        ValueError: at fit start, if the module is no ``GAN`` of this package, is relativistic already, or has a
            technique that does not go with it.

    Example:
        >>> RelativisticPairing().evidence
        'folklore'
    """

    name = "relativistic pairing"
    suits = frozenset({"mode_collapse", "vanishing_gradient"})
    evidence = "folklore"

    def __init__(self) -> None:
        super().__init__()
        self._loss: Any = None

    def prepare(self, patient: Patient) -> None:
        gan: Any = patient.module
        if not patient.is_own_gan:
            raise ValueError(
                f"{self.name} replaces the loss of a GAN of this package; that of {type(gan).__name__} is in its own "
                "training_step"
            )
        if self.is_active:
            self._switch(gan)
        elif gan.loss.relativistic:
            raise ValueError(f"{self.name} would change nothing: the loss is {type(gan.loss).__name__} already")
        at_odds = [f"{name}={getattr(gan, name)}" for name, off in NEUTRAL.items() if getattr(gan, name, off) != off]
        if at_odds:
            raise ValueError(f"{self.name} has no targets, and leaves out no sample: switch off {', '.join(at_odds)}")

    def apply(self, patient: Patient) -> Change:
        before = self._switch(patient.module)
        self.is_active = True
        return Change("loss", before, "RelativisticPaired", "each fake is compared with a real sample")

    def undo(self, patient: Patient) -> Change:
        gan: Any = patient.module
        gan.loss, self._loss, self.is_active = self._loss, None, False
        return Change("loss", "RelativisticPaired", type(gan.loss).__name__, f"{self.name} is taken back")

    def _switch(self, gan: Any) -> str:
        if self._loss is None:
            self._loss, gan.loss = gan.loss, RelativisticPaired()
        return type(self._loss).__name__
