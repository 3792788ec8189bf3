"""Know that a GAN is failing, and why, in any Lightning project."""

from gan_lightning.health.detector import Detector
from gan_lightning.health.history import History
from gan_lightning.health.monitor import HealthMonitor
from gan_lightning.health.reference import Reference
from gan_lightning.health.verdict import Kind, Severity, Verdict
from gan_lightning.health.window import Window

__all__ = ["Detector", "HealthMonitor", "History", "Kind", "Reference", "Severity", "Verdict", "Window"]
