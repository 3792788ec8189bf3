"""What ``experiments/speed`` has for loops that take turns within one process."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "speed"))

from contestant import Batches, Contestant
from step_time import Plan, Times, environment, measure, ratios
from workloads import Networks

__all__ = ["Batches", "Contestant", "Networks", "Plan", "Times", "environment", "measure", "ratios"]
