"""What happens between the steps: it watches, saves and shows.

The callbacks ``Add...``, ``Clip...`` and ``GeneratorEMA`` bring techniques to any LightningModule with a generator and
a discriminator, unchanged; for a ``GAN`` of this package the mixins do the same within the step.
"""

from gan_lightning.callbacks.add_diff_augment import AddDiffAugment
from gan_lightning.callbacks.add_historical_averaging import AddHistoricalAveraging
from gan_lightning.callbacks.add_instance_noise import AddInstanceNoise
from gan_lightning.callbacks.add_r1 import AddR1
from gan_lightning.callbacks.add_spectral_norm import AddSpectralNorm
from gan_lightning.callbacks.anneal_attribute import AnnealAttribute
from gan_lightning.callbacks.clip_gradients import ClipGradients
from gan_lightning.callbacks.clip_weights import ClipWeights
from gan_lightning.callbacks.dashboard import Dashboard
from gan_lightning.callbacks.density_scatter import DensityScatter
from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.callbacks.generator_ema import GeneratorEMA
from gan_lightning.callbacks.latent_interpolation import LatentInterpolation
from gan_lightning.callbacks.mode_histogram import ModeHistogram
from gan_lightning.callbacks.progress_bar import GANProgressBar
from gan_lightning.callbacks.rank_agreement import RankAgreement
from gan_lightning.callbacks.sample_grid import SampleGrid
from gan_lightning.callbacks.training_curves import TrainingCurves
from gan_lightning.callbacks.truncation_grid import TruncationGrid
from gan_lightning.callbacks.wandb_dashboard import WandbDashboard

__all__ = [
    "AddDiffAugment",
    "AddHistoricalAveraging",
    "AddInstanceNoise",
    "AddR1",
    "AddSpectralNorm",
    "AnnealAttribute",
    "ClipGradients",
    "ClipWeights",
    "Dashboard",
    "DensityScatter",
    "Evaluation",
    "GANProgressBar",
    "GeneratorEMA",
    "LatentInterpolation",
    "ModeHistogram",
    "RankAgreement",
    "SampleGrid",
    "TrainingCurves",
    "TruncationGrid",
    "WandbDashboard",
]
