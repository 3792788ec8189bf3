"""Pure functions, tensors in and tensors out: the maths of the techniques, for any training loop."""

from gan_lightning.functional.penalties import input_gradient_penalty
from gan_lightning.functional.scores import discriminator_score, generator_score, rank_accuracy

__all__ = ["discriminator_score", "generator_score", "input_gradient_penalty", "rank_accuracy"]
