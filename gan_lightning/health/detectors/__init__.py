"""One way to fail per file."""

from gan_lightning.health.detector import Detector
from gan_lightning.health.detectors.class_collapse import ClassCollapse
from gan_lightning.health.detectors.dead_start import DeadStart
from gan_lightning.health.detectors.degenerate_data import DegenerateData
from gan_lightning.health.detectors.discriminator_dominates import DiscriminatorDominates
from gan_lightning.health.detectors.discriminator_overfitting import DiscriminatorOverfitting
from gan_lightning.health.detectors.divergence import Divergence
from gan_lightning.health.detectors.generator_dominates import GeneratorDominates
from gan_lightning.health.detectors.lost_modes import LostModes
from gan_lightning.health.detectors.mode_collapse import ModeCollapse
from gan_lightning.health.detectors.oscillation import Oscillation
from gan_lightning.health.detectors.stagnation import Stagnation
from gan_lightning.health.detectors.vanishing_gradient import VanishingGradient

__all__ = [
    "ClassCollapse",
    "DeadStart",
    "DegenerateData",
    "DiscriminatorDominates",
    "DiscriminatorOverfitting",
    "Divergence",
    "GeneratorDominates",
    "LostModes",
    "ModeCollapse",
    "Oscillation",
    "Stagnation",
    "VanishingGradient",
    "default_detectors",
]


def default_detectors() -> tuple[Detector, ...]:
    """Return a detector for each kind of failure, with its default thresholds."""
    return (
        Divergence(),
        DegenerateData(),
        ModeCollapse(),
        ClassCollapse(),
        DeadStart(),
        Oscillation(),
        DiscriminatorDominates(),
        GeneratorDominates(),
        VanishingGradient(),
        Stagnation(),
        DiscriminatorOverfitting(),
    )
