"""From what a module does to the windows of the checks: which batches are looked at, and what is kept of them."""

from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from gan_lightning.health.collector import REFERENCE, Collector
from gan_lightning.health.span import Span
from gan_lightning.health.sparing import EARLY, Sparing
from gan_lightning.health.weights import WeightWatch
from gan_lightning.health.window import Window
from gan_lightning.probe import Probe

PATIENCE = 200
"""Batches in all of which no real samples were recognised, after which only those before checks are looked at."""

MISSED = 3
"""Checks without samples, after which people are told."""


class Observer:
    """Looks at the batches before each check, and at all until the reference is fitted.

    Args:
        probe: of the module.
        collector: of what was seen.
        span: how many batches it needs.
    """

    def __init__(self, probe: Probe, collector: Collector, span: Span) -> None:
        self.collector, self.span, self.sparing = collector, span, Sparing(span.wanted_by)
        self.looks = 0
        """Batches that were looked at since the fit began."""
        self.missed = 0
        """Checks in a row for which there were no samples."""
        self.reals: Tensor | None = None
        """The last real samples as the discriminator saw them, where that is known."""
        self._is_blind = False
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
        return clock % self.span.every >= self.span.first or (self.collector.reference is None and not self._is_blind)

    def start(self, batch: Any) -> None:
        """Look at a batch."""
        self.looks += 1
        with self.sparing.spared("look at a batch", is_early=self.looks <= EARLY):
            self.probe.stop()  # where the module skipped the last batch
            self.probe.start(batch)

    def before_backward(self, loss: Tensor) -> None:
        if self.probe.is_recording:
            with self.sparing.spared("read a loss", is_early=self.looks <= EARLY):
                self.probe.before_backward(loss)

    def before_step(self, optimizer: Optimizer) -> None:
        if self.probe.is_recording:
            with self.sparing.spared("read a gradient", is_early=self.looks <= EARLY):
                self.probe.before_step(optimizer)

    def take(self) -> None:
        """Take in the batch that was recorded."""
        with self.sparing.spared("read a batch", is_early=self.looks <= EARLY):
            record = self.probe.finish()
            self.span.see(record.real, self.collector.ranks)
            self.collector.add(record)
            seen = record.judged("real")
            reals = record.real if seen is None else seen.samples
            self.reals = self.reals if reals is None else reals
        if self.collector.reference is None:
            with self.sparing.spared("learn the data", is_early=self.looks <= EARLY or self.collector.ranks > 1):
                self._learn()

    def _learn(self) -> None:
        count = self.collector.known()
        if count >= REFERENCE:
            self.collector.fit_reference()
        elif count == 0 and self.looks >= PATIENCE:
            self._is_blind = True
            self.sparing.tell(
                "real samples",
                f"looked at {self.looks} batches and recognised no real samples among what the discriminator judged; "
                "unless it is trained later only, let the loader yield the samples as tensors, or name the network "
                "that judges them, discriminator='path.to.it'",
            )

    def window(self, iteration: int) -> Window | None:
        """Return what was seen since the last check; None while too little is known."""
        if iteration % self.span.every or self.collector.reference is None:
            return None
        weights = {name: watch.look() for name, watch in self._watches.items()}
        weights |= {name.replace("weights", "spectrum"): watch.spectrum() for name, watch in self._watches.items()}
        window = self.collector.window(iteration, **weights)
        self.missed = 0 if window is not None else self.missed + 1
        if self.missed == MISSED:
            self.sparing.tell(
                "samples",
                f"saw no generated or no real samples before the {MISSED} checks up to iteration {iteration:,}, so "
                "that it cannot judge until they come again; if other networks have taken over, name them, "
                "generator='path.to.it' and discriminator='path.to.it'",
            )
        return window

    def state_dict(self) -> dict[str, Any]:
        return {
            "collector": self.collector.state_dict(),
            "largest": self.span.largest,
            "probe": self.probe.state_dict(),
            "watches": {name: watch.state_dict() for name, watch in self._watches.items()},
        }

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on from a checkpoint, of which the tensors lie anywhere."""
        self.collector.load_state_dict(state["collector"], device)
        self.span.set(state["largest"])
        self.probe.load_state_dict(state["probe"])
        for name, watch in self._watches.items():
            watch.load_state_dict(state["watches"][name])
