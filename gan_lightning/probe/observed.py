"""The record of a GAN that knows nothing of us: its networks' calls are watched, and their inputs recognised."""

from collections.abc import Sequence
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from gan_lightning.probe.graph import reaches
from gan_lightning.probe.logged import logged_loss
from gan_lightning.probe.merged import judgements_of, opinions_in
from gan_lightning.probe.networks import Role, path_of
from gan_lightning.probe.players import find_players
from gan_lightning.probe.probe import Probe
from gan_lightning.probe.record import Judgement, StepRecord
from gan_lightning.probe.recording import Blindfold, Recording
from gan_lightning.probe.shown import Shown
from gan_lightning.probe.trace import Trace
from gan_lightning.probe.watch import is_compiled

PATIENCE = 5
"""Recorded batches with an update of a player, after which a call of its networks must have been seen."""


class ObservedProbe(Probe):
    """Reads any module by watching what its networks are called with; nothing stays attached between batches.

    What the discriminator judges is recognised as the loader's or the generator's by ``Sources``; if a call is not,
    as where samples are rescaled or augmented on the way, the following recorded batches are traced operation by
    operation (``Trace``), unless something is compiled. Two games in one module, as in CycleGAN, are not told apart:
    name the generator and the discriminator of one.

    Args:
        trainer: which fits the module.
        module: any GAN.
        generator: dotted path of the generator, several separated by commas; found by its name if None.
        discriminator: likewise.

    Raises:
        ValueError: if a player is not found, or several could be it and not all of them be meant.
        RuntimeError: while it records, if a player is updated and its networks are never called.
    """

    def __init__(
        self,
        trainer: Trainer,
        module: LightningModule,
        *,
        generator: str | None = None,
        discriminator: str | None = None,
    ) -> None:
        super().__init__(trainer, module)
        self._players = find_players(trainer, module, generator, discriminator)
        self.discriminators = self._players["discriminator"].networks
        self.generators = self._players["generator"].networks
        self.optimizers = {role: player.optimizers for role, player in self._players.items()}
        self._may_trace = not is_compiled(module)
        self._needs_trace = False
        self._shown, self._blindfold = Shown(), Blindfold()
        self._missed: dict[Role, int] = {"discriminator": 0, "generator": 0}
        self._recording: Recording | None = None
        self._handles: list[RemovableHandle] = []
        self._error: Exception | None = None

    def listen(self, batch: Any) -> None:
        self._error = None
        self._told: set[Optimizer] = set()
        self._graphs: list[Any] = []
        trace = Trace(batch) if self._needs_trace else None
        self._recording = Recording(self._players, batch, self._blindfold, self.scale, trace)
        known = [optimizer for optimizers in self.optimizers.values() for optimizer in optimizers]
        self._handles = [optimizer.register_step_post_hook(self._after_step) for optimizer in known]

    @property
    def judged(self) -> list[Judgement]:
        """What the discriminator was asked so far in the batch that is recorded."""
        if not self.is_recording or self._recording is None:
            return self.record.judgements
        return judgements_of(opinions_in(self._recording.asked), self._recording.steps, self._blindfold)

    def leave(self) -> None:
        for handle in self._handles:
            handle.remove()
        recording, self._handles, self._recording = self._recording, [], None
        if recording is not None:
            recording.close()
            try:
                self._complete(recording)
            except Exception as error:  # where a module's own error ends the batch, it is to be heard
                recording.error = recording.error or error
            self._error = recording.error

    def _complete(self, recording: Recording) -> None:
        record, opinions = self.record, opinions_in(recording.asked)
        record.judgements = judgements_of(opinions, recording.steps, self._blindfold)
        record.signal = recording.signal
        self._shown.complete(record, recording, opinions)
        self._complete_losses(record, recording.steps)
        self._may_trace &= not recording.has_lost_trace
        self._needs_trace = self._may_trace and (self._needs_trace or any(not each.run.origins for each in opinions))
        self._count("discriminator", recording.steps, bool(recording.asked))
        self._count("generator", recording.steps, recording.sources.has_fakes)

    def finish(self) -> StepRecord:
        """Stop recording, and return what was seen.

        Raises:
            RuntimeError: if a player's calls remain unseen.
            Exception: whatever went wrong in looking, first.
        """
        record = super().finish()
        if self._error is not None:
            raise self._error
        for role, missed in self._missed.items():
            if missed >= PATIENCE:
                raise RuntimeError(self._what_was_missed(role))
        return record

    def before_backward(self, loss: Tensor) -> None:
        """Keep a loss, and its graph, which tells whose it was if several come before one step."""
        super().before_backward(loss)
        if self.is_recording:
            self._graphs.append(loss.grad_fn)

    def before_step(self, optimizer: Optimizer) -> None:
        """Assign the losses since the last step, and measure the gradient."""
        role = self.role_of(optimizer)
        if self._recording is None or role is None:
            return
        self._told.add(getattr(optimizer, "_optimizer", optimizer))
        pending = list(zip(self._backwards, self._graphs, strict=True))
        others = [each for each in pending if len(pending) > 1 and self._is_of_other(each[1], role)]
        others = others if len(others) < len(pending) else []
        self._backwards = [loss for loss, graph in pending if all(graph is not other for _, other in others)]
        super().before_step(optimizer)
        self._backwards, self._graphs = [loss for loss, _ in others], [graph for _, graph in others]
        self._recording.steps.append(role)

    def state_dict(self) -> dict[str, Any]:
        return {"needs_trace": self._needs_trace}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._needs_trace = self._may_trace and state["needs_trace"]

    def _is_of_other(self, graph: Any, role: Role) -> bool:
        """Tell whether a loss is the other player's: the generator's own reaches its parameters, the other does not."""
        is_generators = reaches(graph, [p for network in self.generators for p in network.parameters()])
        return is_generators != (role == "generator")

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Catch up on a step that Lightning was not told of; the gradient is still there."""
        if optimizer not in self._told:
            try:
                self.before_step(optimizer)
            except Exception as error:
                if self._recording is not None:
                    self._recording.error = error
        self._told.discard(optimizer)

    def _complete_losses(self, record: StepRecord, steps: Sequence[Role]) -> None:
        """Read the losses of plain ``loss.backward()``, which no hook sees, from the log."""
        metrics = self.trainer.callback_metrics
        if record.d_loss is None and "discriminator" in steps:
            record.d_loss = logged_loss(metrics, "discriminator")
        if record.g_loss is None and "generator" in steps:
            record.g_loss = logged_loss(metrics, "generator")

    def _count(self, role: Role, steps: Sequence[Role], was_called: bool) -> None:
        """Count the batches with an update and without a call, up to the first call."""
        if was_called:
            self._missed.pop(role, None)
        elif role in self._missed:
            self._missed[role] += role in steps

    def _what_was_missed(self, role: Role) -> str:
        networks = {path_of(self.module, network): network for network in self._players[role].called}
        inner = [f"{path}.{name}" for path, network in networks.items() for name, _ in network.named_children()]
        return (
            f"the {role} {', '.join(networks)} was updated in {PATIENCE} recorded batches and never called; if "
            f"networks within it or elsewhere do its work, name these, {role}='path.to.it', several separated by "
            f"commas; within it there are {', '.join(inner[:8]) or 'none'}"
        )
