"""One way to fail per file."""

from gan_lightning.health.detector import Detector

__all__ = ["default_detectors"]


def default_detectors() -> tuple[Detector, ...]:
    """Return a detector for each kind of failure, with its default thresholds."""
    return ()
