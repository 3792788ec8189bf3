"""One technique per file; each is a GAN that other GANs can be mixed with."""

from gan_lightning.mixins.ada import ADA
from gan_lightning.mixins.adaptive_balance import AdaptiveBalance
from gan_lightning.mixins.auxiliary_classifier import AuxiliaryClassifier
from gan_lightning.mixins.consistency_regularization import ConsistencyRegularization
from gan_lightning.mixins.diff_augment import DiffAugment
from gan_lightning.mixins.dragan import DRAGAN
from gan_lightning.mixins.feature_matching import FeatureMatching
from gan_lightning.mixins.finite_difference_penalty import FiniteDifferencePenalty
from gan_lightning.mixins.gap_aware_learning_rate import GapAwareLearningRate
from gan_lightning.mixins.gradient_penalty import GradientPenalty
from gan_lightning.mixins.historical_averaging import HistoricalAveraging
from gan_lightning.mixins.info_gan import InfoGAN
from gan_lightning.mixins.instance_noise import InstanceNoise
from gan_lightning.mixins.label_flipping import LabelFlipping
from gan_lightning.mixins.lecam import LeCam
from gan_lightning.mixins.mode_seeking import ModeSeeking
from gan_lightning.mixins.one_sided_label_smoothing import OneSidedLabelSmoothing
from gan_lightning.mixins.orthogonal_regularization import OrthogonalRegularization
from gan_lightning.mixins.pac_gan import PacGAN
from gan_lightning.mixins.path_length import PathLength
from gan_lightning.mixins.r1 import R1
from gan_lightning.mixins.r2 import R2
from gan_lightning.mixins.semi_supervised import SemiSupervised
from gan_lightning.mixins.top_k import TopK
from gan_lightning.mixins.unrolled_gan import UnrolledGAN
from gan_lightning.mixins.virtual_batch import VirtualBatch
from gan_lightning.mixins.weight_clipping import WeightClipping
from gan_lightning.mixins.zero_centered_penalty import ZeroCenteredPenalty

__all__ = [
    "ADA",
    "DRAGAN",
    "R1",
    "R2",
    "AdaptiveBalance",
    "AuxiliaryClassifier",
    "ConsistencyRegularization",
    "DiffAugment",
    "FeatureMatching",
    "FiniteDifferencePenalty",
    "GapAwareLearningRate",
    "GradientPenalty",
    "HistoricalAveraging",
    "InfoGAN",
    "InstanceNoise",
    "LabelFlipping",
    "LeCam",
    "ModeSeeking",
    "OneSidedLabelSmoothing",
    "OrthogonalRegularization",
    "PacGAN",
    "PathLength",
    "SemiSupervised",
    "TopK",
    "UnrolledGAN",
    "VirtualBatch",
    "WeightClipping",
    "ZeroCenteredPenalty",
]
