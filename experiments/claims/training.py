"""One run: a method and a seed in, its final figures out.

Paper: the networks, the mixture, the optimizers and the measures are those of a published comparison on one CPU thread,
    https://github.com/brycesandlund/paired-discriminator. The last evaluation counts; no best one is picked.
"""

from dataclasses import dataclass, field
from time import process_time
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from methods import Method

from gan_lightning import GAN, VanillaGAN
from gan_lightning.compose import compose
from gan_lightning.data import GaussianMixture
from gan_lightning.functional import mode_shares, mode_total_variation, modes_covered, reverse_kl

EVALUATED_SAMPLES, EVERY = 10_000, 1000


def train(method: Method, seed: int, steps: int) -> dict[str, Any]:
    """Train from scratch and return the figures of the last evaluation, and how modes and distance went."""
    data = GaussianMixture("grid", num_modes=25, spacing=1.5, sigma=0.1, batch_size=256, seed=seed)
    torch.manual_seed(seed)
    gan = build(method)
    evaluations = Evaluations(data)
    trainer = Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=-1,
        max_steps=steps,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[evaluations],
    )
    start = process_time()
    trainer.fit(gan, datamodule=data)
    spent = process_time() - start - evaluations.spent
    return {
        "steps": steps,
        "ms_per_step": round(1000 * spent / steps, 4),
        **evaluations.figures[-1],
        "modes_by_evaluation": [figures["modes"] for figures in evaluations.figures],
        "tv_by_evaluation": [figures["tv"] for figures in evaluations.figures],
    }


def build(method: Method) -> GAN:
    """Return the method's GAN with the networks of the protocol, freshly initialised."""
    kind = compose(*method.mixins, "VanillaGAN") if method.mixins else VanillaGAN
    arguments = {**method.arguments}
    if "discriminator" in arguments:
        arguments["discriminator"] = arguments["discriminator"]()
    return kind(shape=(2,), latent_dim=16, **arguments)  # type: ignore[call-arg]


@dataclass
class Evaluations(Callback):
    """Measure the same latents' samples at intervals.

    Args:
        data: the mixture.
    """

    data: GaussianMixture
    figures: list[dict[str, Any]] = field(default_factory=list)
    spent: float = 0.0
    """CPU seconds, which do not count as training."""

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, *_: Any) -> None:
        if pl_module.iteration % EVERY == 0:
            start = process_time()
            self.figures.append(self._measure(pl_module))
            self.spent += process_time() - start

    def _measure(self, gan: GAN) -> dict[str, Any]:
        nearest, valid = mode_shares(gan.sample(EVALUATED_SAMPLES, seed=0), self.data.centers, self.data.sigma)
        return {
            "modes": modes_covered(valid),
            "modes_by_one_sample": modes_covered(valid, at_least=0.0),
            "valid": round(float(valid.sum()), 6),
            "tv": round(float(mode_total_variation(valid)), 6),
            "reverse_kl": round(float(reverse_kl(nearest)), 6),
        }
