"""The techniques under test, each beside the setting at which it does nothing."""

from dataclasses import dataclass, field
from typing import Any

from torch import nn

from gan_lightning.layers import MinibatchDiscrimination
from gan_lightning.losses import RelativisticPaired
from gan_lightning.networks import MLPDiscriminator

GAMMA = 0.1
"""Of R1 and R2; chosen by ``gamma.py`` on a seed that the table does not use."""


@dataclass(frozen=True)
class Method:
    """One way to train the same networks on the same data.

    Args:
        title: what the table calls it.
        mixins: names of the techniques.
        arguments: of the GAN, beyond those that all methods share; a discriminator of one's own by the function that
            makes it.
        neutral: the method that differs from it by the technique alone; none for the plain GAN.
        steps: iterations.
    """

    title: str
    mixins: tuple[str, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict)
    neutral: str | None = "plain"
    steps: int = 20_000


def _discriminator_of_batches() -> nn.Module:
    """Return the shared discriminator with minibatch discrimination of 16 kernels; 100 take six times as long."""
    discriminator = MLPDiscriminator((2,))
    layer = MinibatchDiscrimination(discriminator.num_features, num_kernels=16)
    discriminator.minibatch, discriminator.output = layer, nn.Linear(layer.out_features, 1)
    return discriminator


METHODS = {
    "plain": Method("plain GAN", neutral=None),
    "pac2": Method("PacGAN, packs of 2", ("PacGAN",), {"pack": 2}),
    "pac4": Method("PacGAN, packs of 4", ("PacGAN",), {"pack": 4}),
    "relativistic": Method("relativistic pairs", (), {"loss": RelativisticPaired()}),
    "relativistic_r1_r2": Method(
        "relativistic pairs, R1 and R2",
        ("R1", "R2"),
        {"loss": RelativisticPaired(), "r1_gamma": GAMMA, "r2_gamma": GAMMA},
        neutral="relativistic",
    ),
    "r1_r2": Method("R1 and R2", ("R1", "R2"), {"r1_gamma": GAMMA, "r2_gamma": GAMMA}),
    "feature_matching": Method("feature matching alone", ("FeatureMatching",)),
    "feature_matching_adv": Method(
        "feature matching beside the adversarial loss", ("FeatureMatching",), {"matching_adv_weight": 1.0}
    ),
    "minibatch_stddev": Method("minibatch standard deviation", (), {"minibatch_d": "stddev"}),
    "mode_seeking": Method("mode seeking", ("ModeSeeking",)),
    "lecam": Method("LeCam", ("LeCam",)),
    "batch_norm": Method("batch norm in G", (), {"norm_g": "batch"}),
    "virtual_batch": Method("virtual batch norm in G", ("VirtualBatch",), {"norm_g": "batch"}, neutral="batch_norm"),
    "minibatch_discrimination": Method(
        "minibatch discrimination, 16 kernels", (), {"discriminator": _discriminator_of_batches}
    ),
    "unrolled": Method("unrolled, 3 steps", ("UnrolledGAN",), {"unroll_steps": 3}),
    "plain_50k": Method("plain GAN, 50,000 iterations", neutral=None, steps=50_000),
    "pac2_50k": Method(
        "PacGAN, packs of 2, 50,000 iterations", ("PacGAN",), {"pack": 2}, neutral="plain_50k", steps=50_000
    ),
    "relativistic_r1_r2_50k": Method(
        "relativistic pairs, R1 and R2, 50,000 iterations",
        ("R1", "R2"),
        {"loss": RelativisticPaired(), "r1_gamma": GAMMA, "r2_gamma": GAMMA},
        neutral="plain_50k",
        steps=50_000,
    ),
}
"""In the order in which they are run."""
