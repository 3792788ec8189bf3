"""One recorded batch of a module that knows nothing of us."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from gan_lightning.probe.asked import Asked, Run, Seen
from gan_lightning.probe.classes import classes_of
from gan_lightning.probe.inputs import floats_of, replaced, tensors_in
from gan_lightning.probe.networks import Role
from gan_lightning.probe.players import Player
from gan_lightning.probe.probe import signal_of
from gan_lightning.probe.sources import Sources
from gan_lightning.probe.trace import Trace
from gan_lightning.probe.watch import Look, Watch


class Blindfold:
    """While it is entered, calls are not seen; may be entered again within itself."""

    def __init__(self) -> None:
        self._depth = 0

    @property
    def is_on(self) -> bool:
        return self._depth > 0

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1


class Recording:
    """Watches both players' networks until it is closed.

    Args:
        players: whose networks are watched.
        batch: of the loader.
        blindfold: while it is on, calls are not seen.
        scale: by which losses are multiplied in 16-bit precision.
        trace: follows the samples through operations; None for the rules alone.

    Attributes:
        sources: the batch's tensors and the generated ones.
        asked: the discriminators' calls.
        signals: gradients at generated samples, each with the number of optimizer steps before.
        steps: whose optimizers stepped.
    """

    def __init__(
        self, players: Mapping[Role, Player], batch: Any, blindfold: Blindfold, scale: float, trace: Trace | None
    ) -> None:
        self.batch, self.sources = batch, Sources(batch)
        self._blindfold, self._scale, self._trace = blindfold, scale, trace
        self.asked: list[Asked] = []
        self.signals: list[tuple[int, Tensor]] = []
        self.steps: list[Role] = []
        self._open = ExitStack()
        self.error: Exception | None = None
        """The first of ours, which must not reach the code that called a network; what follows is not looked at."""
        looks: dict[Role, Look] = {"discriminator": self._see_judge, "generator": self._see_maker}
        for role, look in looks.items():
            for network in players[role].called:
                self._open.callback(Watch(network, self._kept_to_us(look)).close)
        if trace is not None:
            self._open.enter_context(trace)

    def close(self) -> None:
        """Leave all as it was."""
        self._open.close()

    def _kept_to_us(self, look: Look) -> Look:
        def seen(*call: Any) -> None:
            if self.error is None and not self._blindfold.is_on:
                try:
                    look(*call)
                except Exception as error:
                    self.error = error

        return seen

    @property
    def has_lost_trace(self) -> bool:
        """Whether the samples could not be followed, so that there are only the rules from now on."""
        return self._trace is not None and self._trace.error is not None

    def _see_maker(self, network: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        rows = max((len(x) for x in floats_of(output)), default=0)
        label = classes_of((args, kwargs), rows)
        for number, fake in self.sources.add_fakes(output, (args, kwargs), label):
            if self._trace is not None:
                self._trace.mark(fake, number)
            if fake.requires_grad:
                fake.register_hook(self._keep_signal)  # type: ignore[no-untyped-call]

    def _keep_signal(self, gradient: Tensor) -> None:
        try:
            self.signals.append((len(self.steps), signal_of(gradient) / self._scale))
        except Exception as error:
            self.error = error

    def _see_judge(self, network: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if not torch.is_grad_enabled():
            return
        with torch.no_grad():
            inputs, kept = (args, kwargs), replaced((args, kwargs), lambda x: x.detach())
            pairs = zip(tensors_in(inputs), tensors_in(kept), strict=True)
            seen = [Seen(copy, self._runs(x), x.requires_grad) for x, copy in pairs if x.is_floating_point() and x.ndim]
            if seen:
                answer = replaced(output, lambda x: x.detach())
                self.asked.append(Asked(network, kept[0], kept[1], tuple(seen), answer, len(self.steps)))

    def _runs(self, x: Tensor) -> tuple[Run, ...]:
        rows = self.sources.rows_of(x, None if self._trace is None else self._trace.rows_of(x))
        runs, begin = [], 0
        for count, origins in rows:
            runs.append(Run(begin, begin + count, self.sources.kind_of(origins, x), origins))
            begin += count
        return tuple(runs)

    @property
    def signal(self) -> Tensor | None:
        """The last gradient at generated samples in the generator's update; None if it was not updated."""
        own = [signal for step, signal in self.signals if self.steps[step : step + 1] == ["generator"]]
        if "generator" not in self.steps or not self.signals:
            return None
        return own[-1] if own else self.signals[-1][1]  # both backward passes came first, then both steps
