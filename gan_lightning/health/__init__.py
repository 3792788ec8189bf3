"""Know that a GAN is failing, and why, in any Lightning project."""

from gan_lightning.health.callbacks import (
    CollapseDetector,
    DivergenceDetector,
    DominanceDetector,
    OscillationDetector,
    OverfittingDetector,
    StagnationDetector,
    VanishingGradientDetector,
)
from gan_lightning.health.detector import Detector
from gan_lightning.health.events import read_events
from gan_lightning.health.history import History
from gan_lightning.health.monitor import HealthMonitor
from gan_lightning.health.reference import Reference
from gan_lightning.health.verdict import Kind, Severity, Verdict
from gan_lightning.health.window import Window

__all__ = [
    "CollapseDetector",
    "Detector",
    "DivergenceDetector",
    "DominanceDetector",
    "HealthMonitor",
    "History",
    "Kind",
    "OscillationDetector",
    "OverfittingDetector",
    "Reference",
    "Severity",
    "StagnationDetector",
    "VanishingGradientDetector",
    "Verdict",
    "Window",
    "read_events",
]
