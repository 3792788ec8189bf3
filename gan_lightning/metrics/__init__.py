"""What tells how good samples are: torchmetrics that add up batch by batch and over ranks."""

from gan_lightning.metrics.inception_score import InceptionScore
from gan_lightning.metrics.mode_coverage import ModeCoverage
from gan_lightning.metrics.stacked_modes import StackedModes

__all__ = ["InceptionScore", "ModeCoverage", "StackedModes"]
