"""Changes that a monitor must not take for a failure, and no change at all."""

from dataclasses import replace

from events import FallingRates, ScaledRate
from recipes import Condition

from gan_lightning.callbacks import GeneratorEMA
from gan_lightning.health.verdict import Kind

UNPLANTED: tuple[Kind, ...] = ("mode_collapse", "dead_start", "oscillation")
"""What a run may be said to have that fails although nothing was done to it: modes lost, for good or by hopping, or
never found."""

_CHANGES = {
    "plain": Condition("nothing"),
    "falling_lr": Condition("learning rates fall to 0", events=lambda n: [FallingRates(n)]),
    "augmented": Condition("DiffAugment", mixins=("DiffAugment",)),
    "smoothed": Condition("one-sided label smoothing", mixins=("OneSidedLabelSmoothing",)),
    "noisy": Condition("instance noise", mixins=("InstanceNoise",), gan={"noise_std": 0.1}),
    "small_batch": Condition("batch of 32", batch_size=32),
    "five_d_steps": Condition("five D steps", gan={"d_steps": 5}, longer=2.0),
    "ttur": Condition("D four times as fast", events=lambda _: [ScaledRate("g", 0.25)], longer=2.0),
    "slow": Condition("learning rates 3e-4", lr=0.3, longer=2.0),
    "ema": Condition("average of G", events=lambda _: [GeneratorEMA()]),
    "bf16": Condition("bf16-mixed", trainer={"precision": "bf16-mixed"}),
    "dropout_d": Condition("dropout in D", discriminator={"dropout": 0.2}),
    "spectral_d": Condition("spectral norm in D", discriminator={"norm": "spectral"}),
    "clipped": Condition("gradients clipped", gan={"clip_d": 1.0, "clip_g": 1.0}),
    "longer": Condition("4,000 iterations", longer=1.6),
    "labels": Condition("class labels", labels=True),
    "wide_latent": Condition("latent of 128", latent_dim=128),
}

HARMLESS = {name: replace(condition, expected=UNPLANTED) for name, condition in _CHANGES.items()}
