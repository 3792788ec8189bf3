"""The windows of a run on disk, so that detectors may measure and judge it again, after any change, without training.

A detector that finds nothing keeps them; the monitor and its windows are the real ones.
"""

from collections.abc import Sequence
from math import nan
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_lightning.health import Detector, History, Reference, Verdict, Window
from gan_lightning.health.detectors import default_detectors


class WindowKeeper(Detector):
    """Copies what detectors see at each check."""

    kind = "stagnation"

    def __init__(self) -> None:
        self.reference: dict[str, Tensor] = {}
        self.windows: list[dict[str, Any]] = []

    def measure(self, window: Window) -> dict[str, Tensor]:
        self.reference = window.reference.state_dict()
        tensors = {name: value.clone() for name, value in vars(window).items() if isinstance(value, Tensor)}
        self.windows.append({"iteration": window.iteration, "of_reference": self.reference["shares"], **tensors})
        return {"kept/windows": window.fake.new_zeros(())}

    def judge(self, history: History) -> Verdict | None:
        return None

    def save(self, file: Path) -> None:
        """Write all to a file."""
        torch.save({"reference": self.reference, "windows": self.windows}, file)


Checks = list[tuple[int, dict[str, float]]]
"""Iteration and measured values of each check."""


@torch.no_grad()
def measured(file: Path, detectors: Sequence[Detector] | None = None) -> Checks:
    """Return what detectors measure in the windows of a run; the default ones if None."""
    detectors = default_detectors() if detectors is None else detectors
    kept = torch.load(file, weights_only=True)
    checks: Checks = []
    for tensors in kept["windows"]:
        iteration, of_reference, shares = (tensors.pop(name) for name in ("iteration", "of_reference", "shares"))
        window = Window(Reference(**kept["reference"] | {"shares": of_reference}), iteration, **tensors)
        window.shares = shares
        values: dict[str, Tensor] = {}
        for detector in detectors:
            values |= detector.measure(window)
        checks.append((iteration, {name: float(value) for name, value in values.items()}))
    return checks


def now(checks: Checks, name: str) -> list[float]:
    """Return one value at all checks; NaN where it was not measured."""
    return [values.get(name, nan) for _, values in checks]
