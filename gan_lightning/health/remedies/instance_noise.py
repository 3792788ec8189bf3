"""Instance noise for a while, in any module: annealed in, held, and annealed out.

Paper: Sonderby et al. 2017, section 3.1.2, https://arxiv.org/abs/1610.04490. Own study: a little (7 of 31 failing runs
in 2,000 iterations, against 4 with doing nothing).
"""

import math
from typing import Any

from gan_lightning.callbacks import AddInstanceNoise
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.probe import path_of


class NoisySamples(Remedy):
    """Let the discriminator see all samples through Gaussian noise that comes and goes, as ``AddInstanceNoise`` does.

    Args:
        share: deviation of the noise at its highest, of that of the data, in (0, 1]; 0.3 is 0.5 on the study's points.
        rise: iterations until then, 0 or more.
        hold: iterations at the highest.
        fall: iterations down to 0, at least 1.
        samples: which argument of the discriminator's calls holds the samples, counted from 0; None finds it.

    Raises:
        ValueError: if a number is out of range; at fit start, if the discriminator is compiled by a ``GAN`` of this
            package, so that its hooks are not called.

    Example:
        >>> noise = NoisySamples(share=0.3, rise=100, hold=1000, fall=1000)
        >>> [noise.level(i) for i in (0, 50, 500, 1600, 5000)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    name = "instance noise"
    suits = frozenset({"discriminator_dominates", "vanishing_gradient", "mode_collapse", "discriminator_overfitting"})
    evidence = "folklore"

    def __init__(
        self, share: float = 0.3, rise: int = 200, hold: int = 800, fall: int = 1000, samples: int | None = None
    ) -> None:
        super().__init__()
        if not (0 < share <= 1 and rise >= 0 and hold >= 0 and fall >= 1):
            raise ValueError(
                f"expected share in (0, 1], rise and hold >= 0 and fall >= 1, got {share}, {rise}, {hold} and {fall}"
            )
        self.share, self.rise, self.hold, self.fall, self.samples = share, rise, hold, fall, samples
        self._std, self._batches = 0.0, 0
        self._adding: tuple[AddInstanceNoise, ...] = ()

    def level(self, batches: int) -> float:
        """Return the share of the highest deviation after some iterations."""
        if batches < self.rise:
            return batches / self.rise
        return min(1.0, max(0.0, 1 - (batches - self.rise - self.hold) / self.fall))

    def prepare(self, patient: Patient) -> None:
        if getattr(patient.module, "_compiled", None):
            raise ValueError(f"{self.name} hooks into the discriminator, which is compiled: compile=False")
        self.detach()
        paths = [path_of(patient.module, network) for network in patient.probe.discriminators]
        self._adding = tuple(AddInstanceNoise(0.0, discriminator=path, samples=self.samples) for path in paths)
        if self.is_active:
            self._attach(patient)

    def apply(self, patient: Patient) -> Change:
        deviation = math.sqrt(patient.spread / max(patient.num_features, 1))
        if not math.isfinite(deviation):
            raise ValueError(f"the spread of the data, to which {self.name} is scaled, is not known")
        self._std, self._batches = self.share * deviation, 0
        if not self.is_active:
            self._attach(patient)
        self.is_active = True
        after = f"up to {self._std:.3g} in {self.rise:,} iterations, 0 after {self.rise + self.hold + self.fall:,}"
        return Change("deviation of noise on D's samples", "0", after, "blurred, real and generated samples overlap")

    def undo(self, patient: Patient) -> Change:
        before = self._std * self.level(self._batches)
        self.detach()
        self.is_active = False
        return Change("deviation of noise on D's samples", f"{before:.3g}", "0", "the noise is taken off")

    def before_batch(self, patient: Patient, batch: Any) -> None:
        for each in self._adding:
            each.std = self._std * self.level(self._batches)
            each.on_train_batch_start(patient.trainer, patient.module, batch, 0)
        self._batches += 1

    def after_batch(self, patient: Patient) -> None:
        for each in self._adding:
            each.on_train_batch_end(patient.trainer, patient.module, None, None, 0)

    def detach(self) -> None:
        for each in self._adding:
            each.detach()

    def _attach(self, patient: Patient) -> None:
        for each in self._adding:
            each.attach(patient.trainer, patient.module)

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"std": self._std, "batches": self._batches}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self._std, self._batches = state["std"], state["batches"]
