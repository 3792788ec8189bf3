"""The detectors at work: what they measure at a check, and which verdicts follow from it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from gan_lightning.health.cases import Cases, Round
from gan_lightning.health.detector import Detector
from gan_lightning.health.history import History
from gan_lightning.health.rows import same_numbers
from gan_lightning.health.window import Window


class Judge:
    """Measures and judges a run; the verdicts follow from the numbers alone, so a run can be judged again.

    Args:
        detectors: that are asked.

    Attributes:
        history: what the last checks measured.
        cases: the verdicts.
        checks: that were made.

    Example:
        >>> from gan_lightning.health.detectors import Divergence
        >>> judge = Judge([Divergence()])
        >>> [verdict.kind for verdict in judge.judge(100, {"nonfinite": 0.25}).opened]
        ['divergence']
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self.detectors = tuple(detectors)
        self.history, self.cases, self.checks = History(), Cases(), 0

    @torch.inference_mode()
    def measure(self, window: Window, ranks: int) -> dict[str, float]:
        """Return what the detectors measure, the same on all ranks, after one synchronisation."""
        measured: dict[str, Tensor] = {}
        for detector in self.detectors:
            measured |= detector.measure(window)
        return dict(zip(measured, same_numbers([*measured.values()], ranks), strict=True))

    def judge(self, iteration: int, values: Mapping[str, float]) -> Round:
        """Return what the values of a check change."""
        self.history.add(iteration, dict(values))
        self.checks += 1
        verdicts = [verdict for detector in self.detectors if (verdict := detector.judge(self.history)) is not None]
        return self.cases.update(iteration, verdicts)

    def state_dict(self) -> dict[str, Any]:
        return {"history": self.history.state_dict(), "cases": self.cases.state_dict(), "checks": self.checks}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.history.load_state_dict(state["history"])
        self.cases.load_state_dict(state["cases"])
        self.checks = state["checks"]
