"""What the two players minimise: one class per loss, over pure functions of the logits."""

from gan_lightning.losses.base import AdversarialLoss, Target
from gan_lightning.losses.cross_entropy import cross_entropy
from gan_lightning.losses.hinge import Hinge, hinge_d_loss, hinge_g_loss
from gan_lightning.losses.least_squares import LeastSquares, least_squares_d_loss, least_squares_g_loss
from gan_lightning.losses.minimax import Minimax, minimax_g_loss
from gan_lightning.losses.non_saturating import NonSaturating, non_saturating_d_loss, non_saturating_g_loss
from gan_lightning.losses.relativistic import (
    RelativisticAverage,
    RelativisticPaired,
    relativistic_average_loss,
    relativistic_paired_loss,
)
from gan_lightning.losses.wasserstein import Wasserstein, wasserstein_d_loss, wasserstein_g_loss

__all__ = [
    "AdversarialLoss",
    "Hinge",
    "LeastSquares",
    "Minimax",
    "NonSaturating",
    "RelativisticAverage",
    "RelativisticPaired",
    "Target",
    "Wasserstein",
    "cross_entropy",
    "hinge_d_loss",
    "hinge_g_loss",
    "least_squares_d_loss",
    "least_squares_g_loss",
    "minimax_g_loss",
    "non_saturating_d_loss",
    "non_saturating_g_loss",
    "relativistic_average_loss",
    "relativistic_paired_loss",
    "wasserstein_d_loss",
    "wasserstein_g_loss",
]
