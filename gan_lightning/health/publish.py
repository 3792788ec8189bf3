"""Where a monitor's findings go: the loggers, the progress bar, the screen, an alert, and ``health.jsonl``."""

import logging
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import lightning
import torch
from lightning.pytorch import LightningModule, Trainer

from gan_lightning._version import __version__
from gan_lightning.health import words
from gan_lightning.health.bar import BarLine
from gan_lightning.health.cases import Cases, Round
from gan_lightning.health.events import FILE, EventFile
from gan_lightning.health.judge import Judge
from gan_lightning.health.remedies.action import Action
from gan_lightning.health.verdict import Kind, Verdict
from gan_lightning.logging import alert, announce, log_scalars, run_folder


class Publisher:
    """Tells all who want to know; the same calls on all ranks, of which rank 0 speaks.

    Of several monitors in a trainer the first has the line in the progress bar, and what an earlier one has said of a
    kind of failure the others do not repeat.

    Args:
        trainer: that runs.
        monitor: the name that its events bear.
        judge: its verdicts.
        all_cases: those of all monitors of this game in the trainer, in order.
        logged_as: what the names of logged numbers begin with, and what the bar calls it.
    """

    def __init__(
        self, trainer: Trainer, monitor: str, judge: Judge, all_cases: Sequence[Cases], logged_as: str
    ) -> None:
        self.trainer, self.judge, self.all, self.logged_as = trainer, judge, tuple(all_cases), logged_as
        self.earlier = self.all[: next(place for place, cases in enumerate(self.all) if cases is judge.cases)]
        self.events = EventFile(run_folder(trainer) / FILE, monitor)
        self.sees = True
        """Whether there were samples for the last check."""
        self.shares: dict[str, float] = {}
        self._told = set(judge.cases.open) - {kind for cases in self.earlier for kind in cases.open}
        self._is_over = False
        self._bar = BarLine(None if self.earlier else trainer.progress_bar_callback, logged_as, self._status)

    @property
    def speaks(self) -> bool:
        """Whether this process is the one that writes."""
        return self.trainer.is_global_zero

    def start(self, module: LightningModule, iteration: int, **facts: Any) -> None:
        """Say what is watched, and how."""
        if not self.speaks:
            return
        if not self.earlier:
            self.events.rewind(iteration)
        versions = {
            "gan_lightning": __version__,
            "lightning": lightning.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        }
        name = f"{type(module).__module__}.{type(module).__qualname__}"
        self.events.write("start", iteration, module=name, versions=versions, ranks=self.trainer.world_size, **facts)

    def check(self, iteration: int, values: Mapping[str, float], changed: Round) -> None:
        """Say what a check measured and found."""
        if not self.speaks:
            return
        self.events.write("check", iteration, values=values)
        for verdict in changed.opened:
            self._open(verdict)
        for verdict in changed.closed:
            self._close(verdict, iteration)
        kinds = {kind for cases in self.all for kind in cases.open}
        seen = dict.fromkeys(kind for cases in self.all for kind in cases.seen)
        self._log({**values, "verdicts": len(kinds), **{kind: kind in kinds for kind in seen}})

    def treat(self, iteration: int, actions: Sequence[Action], shares: Mapping[str, float]) -> None:
        """Say what a ladder did at a check, and in which share of the iterations each remedy was active."""
        self.shares = dict(shares)
        if not self.speaks:
            return
        for action in actions:
            self.events.write("remedy", **action.as_dict())
            announce(self.trainer, words.treated(action), logging.WARNING)
        self._log({f"active/{name}": share for name, share in shares.items()})

    def end(self, iteration: int, every: int, ended: str = "finished", **facts: Any) -> None:
        """Say how the run went, once."""
        if self._is_over:
            return
        self._is_over = True
        self._bar.remove()
        episodes = self.judge.cases.episodes
        told = [
            {**_found(verdict), "severity": verdict.severity, "found": verdict.iteration, "end": end}
            for verdict, end in episodes
        ]
        if self.speaks:
            facts["active"] = self.shares
            self.events.write("summary", iteration, checks=self.judge.checks, ended=ended, verdicts=told, **facts)
            announce(self.trainer, words.summary(episodes, iteration, self.judge.checks, every, self.shares))

    def _log(self, values: Mapping[str, float]) -> None:
        log_scalars(self.trainer, {f"{self.logged_as}/{name}": float(value) for name, value in values.items()})

    def _status(self) -> str:
        if not self.sees:
            return "unknown"
        verdicts: dict[Kind, Verdict] = {}
        for cases in reversed(self.all):
            verdicts |= cases.open
        return words.status(tuple(verdicts.values()), self.judge.checks)

    def _open(self, verdict: Verdict) -> None:
        self.events.write("verdict", **verdict.as_dict())
        known = [cases.open[verdict.kind].severity for cases in self.earlier if verdict.kind in cases.open]
        if verdict.severity in known or "failure" in known:
            return
        self._told.add(verdict.kind)
        announce(self.trainer, words.block(verdict), logging.WARNING)
        if verdict.severity == "failure":
            title = f"{verdict.title} since iteration {verdict.onset:,}"
            alert(self.trainer, title, words.block(verdict), subject=f"{self.logged_as}/{verdict.kind}")

    def _close(self, verdict: Verdict, iteration: int) -> None:
        self.events.write("over", iteration, **_found(verdict))
        if verdict.kind in self._told:
            self._told.remove(verdict.kind)
            announce(self.trainer, words.over(verdict, iteration))


def _found(verdict: Verdict) -> dict[str, Any]:
    return {"kind": verdict.kind, "onset": verdict.onset}
