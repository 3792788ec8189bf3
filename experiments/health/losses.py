"""The losses of the runs, each with what it needs to train well on this data at this size."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gan_lightning.losses import (
    AdversarialLoss,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    RelativisticPaired,
    Wasserstein,
)


@dataclass(frozen=True)
class Game:
    """A loss with its techniques.

    Args:
        loss: builds it.
        mixins: names of techniques that belong to it.
        points: their arguments on 2-D data.
        images: likewise on images.
        longer: factor to the iterations, where it learns slowly.
    """

    loss: Callable[[], AdversarialLoss]
    mixins: tuple[str, ...] = ()
    points: Mapping[str, Any] = field(default_factory=dict)
    images: Mapping[str, Any] = field(default_factory=dict)
    longer: float = 1.0


LOSSES = {
    "ns": Game(NonSaturating),
    "hinge": Game(Hinge),
    "lsgan": Game(LeastSquares),
    "minimax": Game(Minimax),
    "wgan": Game(Wasserstein),
    "wgan_gp": Game(Wasserstein, ("GradientPenalty",), {"gp_weight": 0.1}, {"gp_weight": 10.0}, longer=1.6),
    "rp_r1_r2": Game(
        RelativisticPaired, ("R1", "R2"), {"r1_gamma": 0.1, "r2_gamma": 0.1}, {"r1_gamma": 1.0, "r2_gamma": 1.0}
    ),
    "ns_r1": Game(NonSaturating, ("R1",), {"r1_gamma": 0.1}, {"r1_gamma": 1.0}),
}
