"""What the protocol measures: the modes that the same latents' samples reach, at intervals."""

from contextlib import nullcontext
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from gan_lightning.callbacks import GeneratorEMA
from gan_lightning.data import GaussianMixture
from gan_lightning.metrics import ModeCoverage

FIGURES = ("modes", "modes_by_one_sample", "valid", "tv", "reverse_kl")


class ModeCurve(Callback):
    """Measure the samples of fixed latents against the centres of the run's mixture.

    Where a ``GeneratorEMA`` averages the generator, ``seen`` holds the average's figures and ``seen_raw`` those of the
    generator itself; otherwise both are the generator's.

    Args:
        every: iterations between two measurements; the protocol takes 1,000.
        num_samples: how many samples; the protocol takes 10,000.
        seed: of the latents.
    """

    def __init__(self, every: int = 1000, num_samples: int = 10_000, seed: int = 0) -> None:
        self.every, self.num_samples, self.seed = every, num_samples, seed
        self.seen: list[dict[str, Any]] = []
        self.seen_raw: list[dict[str, Any]] = []

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        iteration = trainer.fit_loop.epoch_loop.total_batch_idx + 1
        if iteration % self.every:
            return
        average = next((each for each in trainer.callbacks if isinstance(each, GeneratorEMA)), None)  # type: ignore[attr-defined]
        with nullcontext() if average is None else average.applied():
            self.seen.append({"iteration": iteration, **self._figures(trainer, pl_module)})
        self.seen_raw.append({"iteration": iteration, **self._figures(trainer, pl_module)})

    def _figures(self, trainer: Trainer, module: Any) -> dict[str, Any]:
        mixture: GaussianMixture = trainer.datamodule  # type: ignore[attr-defined]
        coverage = ModeCoverage(mixture.centers, mixture.sigma)
        coverage.update(module.sample(self.num_samples, seed=self.seed))
        found = coverage.compute()
        return {name: round(float(found[name]), 6) for name in FIGURES}
