"""What a remedy can lay hands on."""

import math

from lightning.pytorch import LightningModule, Trainer

from gan_lightning.probe import Probe


class Patient:
    """A GAN that is fitted, with what is known of it.

    Args:
        trainer: which fits it.
        module: any GAN.
        probe: knows its networks and optimizers; it may be recording for others.
        iteration: batches so far.
        spread: total variance of the real samples as the discriminator sees them, ``E|x - E x|^2``; NaN until known.
        num_features: numbers in a sample; 0 until known.
    """

    def __init__(
        self,
        trainer: Trainer,
        module: LightningModule,
        probe: Probe,
        iteration: int = 0,
        spread: float = math.nan,
        num_features: int = 0,
    ) -> None:
        self.trainer, self.module, self.probe = trainer, module, probe
        self.iteration, self.spread, self.num_features = iteration, spread, num_features

    @property
    def is_own_gan(self) -> bool:
        """Whether it is a ``GAN`` of this package."""
        return hasattr(self.module, "witnesses")
