"""Monitors that look for one kind of failure, with the arguments of ``HealthMonitor``.

Several of them, and a ``HealthMonitor``, may watch the same run; what one has said the others do not repeat.
"""

from gan_lightning.health.detectors.class_collapse import ClassCollapse
from gan_lightning.health.detectors.dead_start import DeadStart
from gan_lightning.health.detectors.discriminator_dominates import DiscriminatorDominates
from gan_lightning.health.detectors.discriminator_overfitting import DiscriminatorOverfitting
from gan_lightning.health.detectors.divergence import Divergence
from gan_lightning.health.detectors.generator_dominates import GeneratorDominates
from gan_lightning.health.detectors.mode_collapse import ModeCollapse
from gan_lightning.health.detectors.oscillation import Oscillation
from gan_lightning.health.detectors.stagnation import Stagnation
from gan_lightning.health.detectors.vanishing_gradient import VanishingGradient
from gan_lightning.health.monitor import HealthMonitor


class CollapseDetector(HealthMonitor):
    """Say when the generator makes only some of the data's modes, or of a class.

    Example:
        >>> [type(detector).__name__ for detector in CollapseDetector().detectors]
        ['ModeCollapse', 'ClassCollapse']
    """

    looks_for = (ModeCollapse, ClassCollapse)


class DominanceDetector(HealthMonitor):
    """Say when one player is so far ahead that the other learns nothing.

    Example:
        >>> [type(detector).__name__ for detector in DominanceDetector().detectors]
        ['DiscriminatorDominates', 'GeneratorDominates']
    """

    looks_for = (DiscriminatorDominates, GeneratorDominates)


class DivergenceDetector(HealthMonitor):
    """Say when something is no longer finite, or explodes.

    Example:
        >>> [type(detector).__name__ for detector in DivergenceDetector().detectors]
        ['Divergence']
    """

    looks_for = (Divergence,)


class OscillationDetector(HealthMonitor):
    """Say when the generator hops from mode to mode.

    Example:
        >>> [type(detector).__name__ for detector in OscillationDetector().detectors]
        ['Oscillation']
    """

    looks_for = (Oscillation,)


class VanishingGradientDetector(HealthMonitor):
    """Say when nothing reaches the generator any more.

    Example:
        >>> [type(detector).__name__ for detector in VanishingGradientDetector().detectors]
        ['VanishingGradient']
    """

    looks_for = (VanishingGradient,)


class StagnationDetector(HealthMonitor):
    """Say when the weights stand still, or the run has never got off the ground.

    Example:
        >>> [type(detector).__name__ for detector in StagnationDetector().detectors]
        ['Stagnation', 'DeadStart']
    """

    looks_for = (Stagnation, DeadStart)


class OverfittingDetector(HealthMonitor):
    """Say when the discriminator knows its training data by heart. It needs ``held_out`` samples.

    Example:
        >>> [type(detector).__name__ for detector in OverfittingDetector().detectors]
        ['DiscriminatorOverfitting']
    """

    looks_for = (DiscriminatorOverfitting,)
