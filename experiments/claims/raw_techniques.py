"""Every technique beside the same written by hand, and what it is measured on."""

from dataclasses import dataclass, field
from typing import Any

import raw_penalties
import raw_players
import raw_samples
from raw_loop import Raw

from gan_lightning import GAN
from gan_lightning.compose import compose, part


@dataclass(frozen=True)
class Technique:
    """A technique, its twin in plain PyTorch, and the networks that both train.

    Args:
        raw: the twin.
        mixins: names of the technique's mixins; none where the technique is a layer, or a loss.
        own: arguments of the technique.
        shared: arguments that the plain GAN gets too.
        workload: ``points``, ``labelled`` points, or ``images``.
    """

    raw: type[Raw] = Raw
    mixins: tuple[str, ...] = ()
    own: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    workload: str = "points"

    def build(self, plain: bool = False) -> GAN:
        """Return the GAN, or the plain one that it is compared with."""
        mixins, own = ((), {}) if plain else (self.mixins, self.own)
        recipe = "DCGAN" if self.workload == "images" else "VanillaGAN"
        kind = compose(*mixins, recipe) if mixins else part(recipe)
        return kind(**{**NETWORKS[self.workload], **self.shared, **own})


NETWORKS: dict[str, dict[str, Any]] = {
    "points": {"shape": (2,), "latent_dim": 16},
    "labelled": {"shape": (2,), "latent_dim": 16, "num_classes": 25},
    "images": {"shape": (3, 16, 16), "latent_dim": 32, "width_g": 16, "width_d": 16, "norm_d": "none"},
}


def _mixin(raw: type[Raw], workload: str = "points", **own: Any) -> Technique:
    return Technique(raw, (raw.__name__,), own, workload=workload)


TECHNIQUES = {
    "plain GAN": Technique(),
    "plain GAN, images": Technique(workload="images"),
    "ADA": _mixin(raw_samples.ADA, "images"),
    "AdaptiveBalance": _mixin(raw_players.AdaptiveBalance, balance_high=1.0, balance_low=0.0),
    "AuxiliaryClassifier": _mixin(raw_samples.AuxiliaryClassifier, "labelled"),
    "ConsistencyRegularization": _mixin(raw_penalties.ConsistencyRegularization),
    "ConsistencyRegularization, images": _mixin(raw_penalties.ConsistencyRegularization, "images"),
    "DiffAugment": _mixin(raw_samples.DiffAugment, "images"),
    "DRAGAN": _mixin(raw_penalties.DRAGAN),
    "FeatureMatching": _mixin(raw_players.FeatureMatching),
    "FiniteDifferencePenalty": _mixin(raw_penalties.FiniteDifferencePenalty),
    "GapAwareLearningRate": _mixin(raw_players.GapAwareLearningRate),
    "GradientPenalty": _mixin(raw_penalties.GradientPenalty),
    "HistoricalAveraging": _mixin(raw_players.HistoricalAveraging),
    "InfoGAN": _mixin(raw_samples.InfoGAN, info_categorical=(5,)),
    "InstanceNoise": _mixin(raw_samples.InstanceNoise),
    "LabelFlipping": _mixin(raw_samples.LabelFlipping),
    "LeCam": _mixin(raw_penalties.LeCam),
    "ModeSeeking": _mixin(raw_players.ModeSeeking),
    "OneSidedLabelSmoothing": _mixin(raw_samples.OneSidedLabelSmoothing),
    "OrthogonalRegularization": _mixin(raw_players.OrthogonalRegularization),
    "PacGAN": _mixin(raw_samples.PacGAN),
    "PathLength": _mixin(raw_players.PathLength, "images"),
    "R1": _mixin(raw_penalties.R1),
    "R1, images": _mixin(raw_penalties.R1, "images"),
    "R2": _mixin(raw_penalties.R2),
    "R1 and R2": Technique(raw_penalties.R1R2, ("R1", "R2")),
    "SemiSupervised": _mixin(raw_samples.SemiSupervised, "labelled"),
    "TopK": _mixin(raw_players.TopK),
    "UnrolledGAN": _mixin(raw_players.UnrolledGAN),
    "VirtualBatch": Technique(mixins=("VirtualBatch",), shared={"norm_g": "batch"}),
    "WeightClipping": _mixin(raw_players.WeightClipping),
    "ZeroCenteredPenalty": _mixin(raw_penalties.ZeroCenteredPenalty),
    "minibatch standard deviation": Technique(own={"minibatch_d": "stddev"}),
    "spectral norm, images": Technique(own={"norm_d": "spectral"}, workload="images"),
}
"""Where nothing is said of the arguments, they are the defaults."""
