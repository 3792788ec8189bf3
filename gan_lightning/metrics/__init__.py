"""What tells how good samples are: torchmetrics that add up batch by batch and over ranks."""

from gan_lightning.metrics.embedded import EmbeddedMetric
from gan_lightning.metrics.fid import FID
from gan_lightning.metrics.inception import Inception
from gan_lightning.metrics.inception_score import InceptionScore
from gan_lightning.metrics.kid import KID
from gan_lightning.metrics.mode_coverage import ModeCoverage
from gan_lightning.metrics.ndb import NDB
from gan_lightning.metrics.prdc import PRDC
from gan_lightning.metrics.stacked_modes import StackedModes
from gan_lightning.metrics.vendi_score import VendiScore

__all__ = [
    "FID",
    "KID",
    "NDB",
    "PRDC",
    "EmbeddedMetric",
    "Inception",
    "InceptionScore",
    "ModeCoverage",
    "StackedModes",
    "VendiScore",
]
