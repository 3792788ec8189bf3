"""What tells how good samples are: torchmetrics that add up batch by batch and over ranks."""

from gan_lightning.metrics.inception_score import InceptionScore

__all__ = ["InceptionScore"]
