"""GAN training for PyTorch Lightning that stays stable and says what is wrong.

The names below load on first use, so that ``import gan_lightning.functional`` does not wait for Lightning.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gan_lightning._version import __version__

if TYPE_CHECKING:
    from gan_lightning.callbacks import (
        AddDiffAugment,
        AddHistoricalAveraging,
        AddInstanceNoise,
        AddR1,
        AddSpectralNorm,
        AnnealAttribute,
        ClipGradients,
        ClipWeights,
        Dashboard,
        DensityScatter,
        Evaluation,
        GeneratorEMA,
        LatentInterpolation,
        ModeHistogram,
        RankAgreement,
        SampleGrid,
        TrainingCurves,
        TruncationGrid,
        WandbDashboard,
    )
    from gan_lightning.checkpoint_io import AtomicCheckpointIO
    from gan_lightning.critique import Critique
    from gan_lightning.extragradient import ExtraAdam
    from gan_lightning.gan import GAN
    from gan_lightning.gans import (
        ACGAN,
        DCGAN,
        LSGAN,
        R3GAN,
        SNGAN,
        WGAN,
        WGANGP,
        ByShape,
        ImprovedGAN,
        InfoDCGAN,
        PacDCGAN,
        ProjectionGAN,
        SemiSupervisedGAN,
        VanillaGAN,
    )
    from gan_lightning.health import (
        CollapseDetector,
        DivergenceDetector,
        DominanceDetector,
        HealthMonitor,
        OscillationDetector,
        OverfittingDetector,
        StagnationDetector,
        VanishingGradientDetector,
    )
    from gan_lightning.mixins import (
        ADA,
        DRAGAN,
        R1,
        R2,
        AdaptiveBalance,
        AuxiliaryClassifier,
        ConsistencyRegularization,
        DiffAugment,
        FeatureMatching,
        FiniteDifferencePenalty,
        GapAwareLearningRate,
        GradientPenalty,
        HistoricalAveraging,
        InfoGAN,
        InstanceNoise,
        LabelFlipping,
        LeCam,
        ModeSeeking,
        OneSidedLabelSmoothing,
        OrthogonalRegularization,
        PacGAN,
        PathLength,
        SemiSupervised,
        TopK,
        UnrolledGAN,
        VirtualBatch,
        WeightClipping,
        ZeroCenteredPenalty,
    )
    from gan_lightning.negative_momentum import NegativeMomentumSGD
    from gan_lightning.optimizers import AdamGAN
    from gan_lightning.sharding import join_checkpoint
    from gan_lightning.step import Step, Terms

_NAMES = {
    "callbacks": (
        "AddDiffAugment", "AddHistoricalAveraging", "AddInstanceNoise", "AddR1", "AddSpectralNorm",
        "AnnealAttribute", "ClipGradients", "ClipWeights", "Dashboard", "DensityScatter", "Evaluation",
        "GeneratorEMA", "LatentInterpolation", "ModeHistogram", "RankAgreement", "SampleGrid",
        "TrainingCurves", "TruncationGrid", "WandbDashboard",
    ),
    "checkpoint_io": (
        "AtomicCheckpointIO",
    ),
    "critique": (
        "Critique",
    ),
    "extragradient": (
        "ExtraAdam",
    ),
    "gan": (
        "GAN",
    ),
    "gans": (
        "ACGAN", "ByShape", "DCGAN", "ImprovedGAN", "InfoDCGAN", "LSGAN", "PacDCGAN", "ProjectionGAN",
        "R3GAN", "SNGAN", "SemiSupervisedGAN", "VanillaGAN", "WGAN", "WGANGP",
    ),
    "health": (
        "CollapseDetector", "DivergenceDetector", "DominanceDetector", "HealthMonitor", "OscillationDetector",
        "OverfittingDetector", "StagnationDetector", "VanishingGradientDetector",
    ),
    "mixins": (
        "ADA", "AdaptiveBalance", "AuxiliaryClassifier", "ConsistencyRegularization", "DRAGAN", "DiffAugment",
        "FeatureMatching", "FiniteDifferencePenalty", "GapAwareLearningRate", "GradientPenalty",
        "HistoricalAveraging", "InfoGAN", "InstanceNoise", "LabelFlipping", "LeCam", "ModeSeeking",
        "OneSidedLabelSmoothing", "OrthogonalRegularization", "PacGAN", "PathLength", "R1", "R2",
        "SemiSupervised", "TopK", "UnrolledGAN", "VirtualBatch", "WeightClipping", "ZeroCenteredPenalty",
    ),
    "negative_momentum": (
        "NegativeMomentumSGD",
    ),
    "optimizers": (
        "AdamGAN",
    ),
    "sharding": (
        "join_checkpoint",
    ),
    "step": (
        "Step", "Terms",
    ),
}  # fmt: skip
_HOME = {name: home for home, names in _NAMES.items() for name in names}

__all__ = [
    "ACGAN", "ADA", "DCGAN", "DRAGAN", "GAN", "LSGAN", "R1", "R2", "R3GAN", "SNGAN", "WGAN", "WGANGP", "AdamGAN",
    "AdaptiveBalance", "AddDiffAugment", "AddHistoricalAveraging", "AddInstanceNoise", "AddR1", "AddSpectralNorm",
    "AnnealAttribute", "AtomicCheckpointIO", "AuxiliaryClassifier", "ByShape", "ClipGradients", "ClipWeights",
    "CollapseDetector", "ConsistencyRegularization", "Critique", "Dashboard", "DensityScatter", "DiffAugment",
    "DivergenceDetector", "DominanceDetector", "Evaluation", "ExtraAdam", "FeatureMatching", "FiniteDifferencePenalty",
    "GapAwareLearningRate", "GeneratorEMA", "GradientPenalty", "HealthMonitor", "HistoricalAveraging",
    "ImprovedGAN", "InfoDCGAN", "InfoGAN", "InstanceNoise", "LabelFlipping", "LatentInterpolation", "LeCam",
    "ModeHistogram", "ModeSeeking", "NegativeMomentumSGD", "OneSidedLabelSmoothing", "OrthogonalRegularization",
    "OscillationDetector", "OverfittingDetector", "PacDCGAN", "PacGAN", "PathLength", "ProjectionGAN",
    "RankAgreement", "SampleGrid", "SemiSupervised", "SemiSupervisedGAN", "StagnationDetector", "Step", "Terms",
    "TopK", "TrainingCurves", "TruncationGrid", "UnrolledGAN", "VanillaGAN", "VanishingGradientDetector",
    "VirtualBatch", "WandbDashboard", "WeightClipping", "ZeroCenteredPenalty", "__version__", "join_checkpoint",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
