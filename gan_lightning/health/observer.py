"""From what a module does to the windows of the checks: which batches are looked at, and what is kept of them."""

from typing import Any

import torch

from gan_lightning.health.collector import Collector
from gan_lightning.health.span import Span
from gan_lightning.health.weights import WeightWatch
from gan_lightning.health.window import Window
from gan_lightning.probe import Probe


class Observer:
    """Looks at the batches before each check, and at all until the reference is fitted.

    Args:
        probe: of the module.
        collector: of what was seen.
        span: how many batches it needs.
    """

    def __init__(self, probe: Probe, collector: Collector, span: Span) -> None:
        self.collector, self.span = collector, span
        self.turn_to(probe)

    def turn_to(self, probe: Probe) -> None:
        """Look at other networks from now on."""
        self.probe = probe
        self._watches = {
            "d_weights": WeightWatch(probe.discriminators),
            "g_weights": WeightWatch(probe.generators),
        }

    def wants(self, clock: int) -> bool:
        """Tell whether to look at the batch with this number."""
        return clock % self.span.every >= self.span.first or self.collector.reference is None

    def take(self) -> None:
        """Take in the batch that was recorded."""
        record = self.probe.finish()
        self.span.see(record.real, self.collector.ranks)
        self.collector.add(record)
        if self.collector.reference is None and self.collector.knows_enough():
            self.collector.fit_reference()

    def window(self, iteration: int) -> Window | None:
        """Return what was seen since the last check; None while too little is known."""
        if iteration % self.span.every or self.collector.reference is None:
            return None
        weights = {name: watch.look() for name, watch in self._watches.items()}
        weights |= {name.replace("weights", "spectrum"): watch.spectrum() for name, watch in self._watches.items()}
        return self.collector.window(iteration, **weights)

    def state_dict(self) -> dict[str, Any]:
        return {
            "collector": self.collector.state_dict(),
            "largest": self.span.largest,
            "watches": {name: watch.state_dict() for name, watch in self._watches.items()},
        }

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on from a checkpoint, of which the tensors lie anywhere."""
        self.collector.load_state_dict(state["collector"], device)
        self.span.set(state["largest"])
        for name, watch in self._watches.items():
            watch.load_state_dict(state["watches"][name])
