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
from gan_lightning.callbacks.generator_ema import GeneratorEMA
from gan_lightning.callbacks.progress_bar import GANProgressBar
from gan_lightning.callbacks.rank_agreement import RankAgreement
from gan_lightning.callbacks.sample_grid import SampleGrid

__all__ = [
    "AddDiffAugment",
    "AddHistoricalAveraging",
    "AddInstanceNoise",
    "AddR1",
    "AddSpectralNorm",
    "AnnealAttribute",
    "ClipGradients",
    "ClipWeights",
    "GANProgressBar",
    "GeneratorEMA",
    "RankAgreement",
    "SampleGrid",
]
