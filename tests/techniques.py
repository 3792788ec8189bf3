"""What the contract suite knows of each mixin: how to switch it off, what it needs of the toy, how it shows itself."""

import inspect
from typing import Any

import torch
from helpers import Batches, fit, weights
from lightning.pytorch import Trainer
from torch import Tensor

from gan_lightning import GAN, mixins
from gan_lightning.gans import VanillaGAN

NEUTRAL: dict[str, dict[str, Any]] = {
    "ADA": {"ada_max": 0.0},
    "AdaptiveBalance": {"balance_cap": 0.0},
    "AuxiliaryClassifier": {"ac_weight_d": 0.0, "ac_weight_g": 0.0},
    "ConsistencyRegularization": {"cr_weight_real": 0.0},
    "DRAGAN": {"dragan_weight": 0.0},
    "DiffAugment": {"diffaugment_policy": ()},
    "FeatureMatching": {"matching_weight": 0.0},
    "FiniteDifferencePenalty": {"fd_r1_gamma": 0.0, "fd_r2_gamma": 0.0},
    "GapAwareLearningRate": {"gap_slowest": 1.0, "gap_fastest": 1.0},
    "GradientPenalty": {"gp_weight": 0.0},
    "HistoricalAveraging": {"history_weight_d": 0.0, "history_weight_g": 0.0},
    "InfoGAN": {"info_weight": 0.0},
    "InstanceNoise": {"noise_std": 0.0},
    "LabelFlipping": {"flip_share": 0.0},
    "LeCam": {"lecam_weight": 0.0},
    "ModeSeeking": {"mode_seeking_weight": 0.0},
    "OneSidedLabelSmoothing": {"smoothing_target": 1.0},
    "OrthogonalRegularization": {"orthogonal_g": 0.0, "orthogonal_d": 0.0},
    "PacGAN": {"pack": 1},
    "PathLength": {"path_weight": 0.0},
    "R1": {"r1_gamma": 0.0},
    "R2": {"r2_gamma": 0.0},
    "SemiSupervised": {"semi_weight": 0.0},
    "TopK": {"topk_share": 1.0},
    "UnrolledGAN": {"unroll_steps": 0},
    "VirtualBatch": {"virtual_batch_players": "none"},
    "WeightClipping": {"weight_clip": 0.0},
    "ZeroCenteredPenalty": {"zero_centered_weight": 0.0},
}
"""Per mixin, the setting at which training is plain GAN, bit for bit."""

NEEDS: dict[str, dict[str, Any]] = {
    "AuxiliaryClassifier": {"num_classes": 3},
    "SemiSupervised": {"num_classes": 3},
    "VirtualBatch": {"norm_g": "batch"},
}
"""Arguments of the toy (``VanillaGAN``) without which a mixin makes no sense; also given to the plain GAN."""

ACTIVE: dict[str, dict[str, Any]] = {
    "ADA": {"ada_initial": 0.5},
    "AdaptiveBalance": {"balance_low": 0.5, "balance_high": 0.5 + 1e-9, "balance_every": 1},
    "GapAwareLearningRate": {"gap_width": 0.1},
    "InfoGAN": {"info_categorical": (2,), "info_continuous": 1},
}
"""Own settings at which a mixin shows itself within four iterations, where its default does not."""

ORDERED: dict[frozenset[str], str] = {
    frozenset({"AdaptiveBalance", "HistoricalAveraging"}): "a repeated update counts in the history once or twice",
    frozenset({"AdaptiveBalance", "WeightClipping"}): "weights are clipped after each repeated update or after all",
    frozenset({"ADA", "DiffAugment"}): "each changes what the other has changed",
    frozenset({"ADA", "InstanceNoise"}): "each changes what the other has changed",
    frozenset({"DiffAugment", "InstanceNoise"}): "each changes what the other has changed",
    frozenset({"AuxiliaryClassifier", "InfoGAN"}): "each draws the weights of a head",
    frozenset({"InfoGAN", "SemiSupervised"}): "each draws the weights of a head",
}
"""Pairs whose order matters, and why."""

DRAWS: frozenset[str] = frozenset(
    {
        "ConsistencyRegularization",
        "DRAGAN",
        "FiniteDifferencePenalty",
        "GradientPenalty",
        "ModeSeeking",
        "PathLength",
        "ZeroCenteredPenalty",
    }
)
"""Mixins that draw random numbers while they train: in another order, two of them draw others."""

EXCLUSIVE: dict[frozenset[str], str] = {
    frozenset({"AuxiliaryClassifier", "PacGAN"}): "no one class",
    frozenset({"AuxiliaryClassifier", "ProjectionGAN"}): "discriminator that is told the class",
    frozenset({"AuxiliaryClassifier", "SemiSupervised"}): "generator that is told the class",
    frozenset({"FeatureMatching", "TopK"}): "replaced already by (FeatureMatching|TopK), and .* claims it too",
    frozenset({"GapAwareLearningRate", "UnrolledGAN"}): "follows the discriminator's optimizer",
    frozenset({"InfoGAN", "PacGAN"}): "not in packs",
    frozenset({"PacGAN", "ProjectionGAN"}): "no one class",
    frozenset({"PacGAN", "SemiSupervised"}): "no one class",
    frozenset({"ProjectionGAN", "SemiSupervised"}): "discriminator that is told the class",
    frozenset({"R3GAN", "TopK"}): "not relativistic",
    frozenset({"R3GAN", "VirtualBatch"}): "has no norm",
    frozenset({"UnrolledGAN", "WGAN"}): "follows the discriminator's optimizer",
    frozenset({"UnrolledGAN", "WeightClipping"}): "follows the discriminator's optimizer",
}
"""Pairs that refuse each other, and the words with which they do."""

MIXINS = [getattr(mixins, name) for name in mixins.__all__]


def toy(*parts: type[GAN], neutral: bool = False, seed: int = 1, **arguments: Any) -> GAN:
    """Build the mixins on small fully connected networks for points in the plane."""
    torch.manual_seed(seed)
    for part in parts:
        own = NEUTRAL if neutral else ACTIVE
        arguments = {**NEEDS.get(part.__name__, {}), **own.get(part.__name__, {}), **arguments}
    arguments = {"width_d": 8, "width_g": 8, "latent_dim": 4, "depth_d": 1, "depth_g": 1, **arguments}
    return type("Toy", (*parts, VanillaGAN), {})(shape=(2,), **arguments)


def plain(part: type[GAN], **arguments: Any) -> GAN:
    """Build the toy without the mixin, but with what the mixin needs."""
    return toy(**NEEDS.get(part.__name__, {}), **arguments)


def batches(gan: GAN, n: int = 8, count: int = 4) -> Batches:
    """Points in the plane, with labels of three classes if the GAN has classes."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(count, n, 2, generator=generator, dtype=gan.dtype)
    if gan.num_classes == 0:
        return Batches(*points)
    return Batches(*([x, torch.arange(n) % gan.num_classes] for x in points))


def fitted(gan: GAN, **arguments: Any) -> Trainer:
    """Train the toy for four iterations."""
    return fit(gan, batches(gan), **arguments)


def trained(gan: GAN, **arguments: Any) -> Tensor:
    """Train the toy for four iterations and return its weights."""
    fitted(gan, **arguments)
    return weights(gan)


def own_arguments(cls: type) -> list[inspect.Parameter]:
    """Return the constructor arguments that a mixin brings."""
    parameters = inspect.signature(vars(cls)["__init__"]).parameters.values()
    return [p for p in parameters if p.kind is p.KEYWORD_ONLY]
