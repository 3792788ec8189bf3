"""More updates of one player.

Own study: 3 updates of the discriminator did worse than nothing (2 of 31 failing runs against 4), and helped a little
where it was too small.
"""

from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.settings import Settings, numbers_of
from gan_lightning.health.verdict import Kind

MOST = 10


class StepRatio(Settings):
    """Set ``d_steps`` and ``g_steps`` of a ``GAN`` of this package.

    Args:
        d_steps: updates of the discriminator per turn of the generator, 1 to 10.
        g_steps: updates of the generator per turn, 1 to 10; one of the two is 1.

    Raises:
        ValueError: if a number is out of range; at fit start, if the module is no ``GAN`` of this package or has this
            ratio already.

    Example:
        >>> StepRatio(d_steps=3).suits
        frozenset({'generator_dominates'})
    """

    evidence = "folklore"
    why = "the player that lags behind gets more updates"

    def __init__(self, d_steps: int = 1, g_steps: int = 1) -> None:
        super().__init__()
        numbers = (d_steps, g_steps)
        if any(type(n) is not int or not 1 <= n <= MOST for n in numbers) or min(numbers) > 1 or max(numbers) == 1:
            raise ValueError(f"expected d_steps or g_steps from 2 to {MOST} and the other 1, got {numbers}")
        self.d_steps, self.g_steps = d_steps, g_steps
        kind: Kind = "generator_dominates" if d_steps > 1 else "discriminator_dominates"
        self.suits = frozenset({kind})
        self.name = f"{d_steps} D to {g_steps} G updates"

    def wanted(self, patient: Patient) -> dict[str, float]:
        if not patient.is_own_gan:
            raise ValueError(
                f"{self.name} needs a GAN of this package: {type(patient.module).__name__} decides in its own "
                "training_step when to update which player"
            )
        new: dict[str, float] = {"d_steps": self.d_steps, "g_steps": self.g_steps}
        if numbers_of(patient, self.name, new) == new:
            raise ValueError(f"{self.name} would change nothing: the module has this ratio")
        return new
