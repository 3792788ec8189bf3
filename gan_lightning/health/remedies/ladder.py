"""From verdicts to remedies, one rung at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lightning.pytorch import LightningModule
from torch import nn
from torch.optim import Optimizer

from gan_lightning.health.history import History
from gan_lightning.health.remedies.action import Action
from gan_lightning.health.remedies.cabinet import Cabinet
from gan_lightning.health.remedies.choice import DIVERGENCE, next_rung
from gan_lightning.health.remedies.course import Course
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.health.remedies.rollback import GoesBack
from gan_lightning.health.remedies.rungs import Rung, as_rungs, default_rungs
from gan_lightning.health.remedies.shelf import EVERY, KEEP
from gan_lightning.health.remedies.wait import Wait
from gan_lightning.health.verdict import Kind, Verdict

URGENT_PATIENCE, PATIENCE_OF_IMPROVEMENT = 500, 3


class Ladder:
    """Treat a run that fails: the first remedies that suit it, time, the next ones, and at last nothing more.

    Only failures start a treatment, warnings do not. A rung has ``patience`` iterations before the next, up to three
    times as many while modes come back; non-finite weights do not wait. A rung whose remedies are in force or used up
    is passed over, so a second fall moves up instead of looping. Once no failure has stood for ``calm`` checks, what
    need not stay is undone. All of it follows from verdicts and measurements that all ranks share.

    With ``Rollback`` or ``Restart`` (they are in the default) the start and the last healthy states are kept, in memory
    and in checkpoints: about the weights once, and with Adam three times for each healthy state.

    Args:
        rungs: per kind, the most urgent first, remedies in turn, groups for some at once, ``Rung``; None: our study's.
        patience: iterations for a rung, at least 1; 1,000 to 3,000 in our study.
        max_uses: how often each remedy is applied at most in a run, at least 1; fewer if it says so itself.
        calm: checks without a failure after which a run has healed, at least 1.
        wider_discriminator: builds a larger discriminator for the default rungs; None leaves that out.
        keep: healthy snapshots, at least 1.
        snapshot_every: iterations between two of them, at least 1.
        dry_run: say what it would do, and do nothing.

    Raises:
        ValueError: if a number is below 1, two remedies have one name, or ``wider_discriminator`` comes with ``rungs``;
            at fit start, if one of ``rungs`` does not fit the module; of the default, those that do not are left out.

    Example:
        >>> ladder = Ladder(patience=1000)
        >>> [[remedy.name for remedy in rung.remedies] for rung in ladder.rungs["oscillation"][:2]]
        [['wait'], ['R1 + R2', 'safe learning rates']]
    """

    def __init__(
        self,
        rungs: Mapping[Kind, Iterable[Rung | Remedy | Iterable[Remedy]]] | None = None,
        *,
        patience: int = 2000,
        max_uses: int = 2,
        calm: int = 5,
        wider_discriminator: Callable[[], nn.Module] | None = None,
        keep: int = KEEP,
        snapshot_every: int = EVERY,
        dry_run: bool = False,
    ) -> None:
        if min(patience, max_uses, calm) < 1:
            raise ValueError(f"expected patience, max_uses and calm of at least 1, got {patience}, {max_uses}, {calm}")
        if rungs is not None and wider_discriminator is not None:
            raise ValueError("wider_discriminator belongs to the default rungs: put WiderDiscriminator into yours")
        chosen = default_rungs(wider_discriminator) if rungs is None else as_rungs(rungs)
        self.patience, self.max_uses, self.calm, self.dry_run = patience, max_uses, calm, dry_run
        self.cabinet = Cabinet(chosen, refuses=rungs is not None, keep=keep, every=snapshot_every, idle=dry_run)
        self.course = Course()
        self._treated: LightningModule | None = None
        self._is_resumed = self._begins = False

    @property
    def rungs(self) -> dict[Kind, tuple[Rung, ...]]:
        """What is tried in turn, as far as the module allows it."""
        return self.cabinet.fitting

    def expect(self, module: LightningModule, discriminator: str | None) -> None:
        """Be ready for a checkpoint whose discriminator was replaced; at setup, before it is loaded."""
        self.cabinet.expect(module, discriminator)

    def prepare(self, patient: Patient) -> None:
        """Start anew at fit start, unless a checkpoint was loaded; what is in force in the same module stays.

        Raises:
            ValueError: if a remedy in the user's rungs does not fit the module.
        """
        if not self._is_resumed:
            self.course = Course()
            self.cabinet.shelf.clear()
            if self._treated not in (None, patient.module):
                self.cabinet.start_anew()
        self._begins = not self._is_resumed
        self._treated, self._is_resumed = patient.module, False
        self.cabinet.prepare(patient)

    def before_batch(self, patient: Patient, batch: Any) -> None:
        """Before each batch; next to nothing while no remedy is active."""
        if self._begins and self.cabinet.goes_back and patient.trainer.ckpt_path is None:
            self.cabinet.shelf.begin(patient)
        self._begins = False
        self.cabinet.before_batch(patient, batch)

    def before_step(self, patient: Patient, optimizer: Optimizer) -> None:
        """Before each update, with its gradients."""
        self.cabinet.before_step(patient, optimizer)

    def after_batch(self, patient: Patient) -> None:
        """After each batch."""
        self.cabinet.after_batch(patient)

    def act(
        self,
        patient: Patient,
        opened: Sequence[Verdict],
        closed: Sequence[Verdict],
        open: Sequence[Verdict],
        history: History,
    ) -> list[Action]:
        """Decide at a check, do it, and return what was done, in order.

        ``opened`` verdicts are new or have become failures, ``closed`` ones are over, ``open`` are all that stand.
        """
        course, iteration = self.course, patient.iteration
        course.count(iteration, [remedy.name for remedy in self.cabinet.remedies if self._is_in_force(remedy)])
        if not (failures := [verdict for verdict in open if verdict.severity == "failure"]):
            if not open and self.cabinet.goes_back and self.cabinet.shelf.is_due(iteration):
                self.cabinet.shelf.add(patient)
            course.calm += 1
            return self._heal(patient) if course.calm == self.calm else []
        course.calm = 0
        # 0 where numbers explode and are still some; not known, and so not 0, without the detector that counts.
        is_lost = any(verdict.kind == DIVERGENCE for verdict in failures) and history.now("nonfinite") != 0
        falls = is_lost and any(verdict.kind == DIVERGENCE for verdict in opened)
        if course.is_cooling(iteration, history) and not falls:
            return []
        return self._climb(patient, failures, {verdict.kind for verdict in open}, is_lost)

    def _climb(self, patient: Patient, failures: list[Verdict], open: set[Kind], is_lost: bool) -> list[Action]:
        self.cabinet.shelf.forget_since(min(verdict.onset for verdict in failures))
        found = next_rung(self.rungs, {verdict.kind for verdict in failures}, open, self._is_available, is_lost=is_lost)
        if found is None:
            said, self.course.has_given_up = self.course.has_given_up, True
            return [] if said else [Action(patient.iteration, "gave up", "", failures[0].kind)]
        kind, rung = found
        patience = min(self.patience, URGENT_PATIENCE) if is_lost else self.patience
        self.course.cool_down(patient.iteration, patience, PATIENCE_OF_IMPROVEMENT * patience)
        return [self._apply(patient, remedy, kind) for remedy in rung.remedies if self._is_available(remedy)]

    def _is_available(self, remedy: Remedy) -> bool:
        used = self.course.uses.get(remedy.name, 0)
        if used >= min(self.max_uses, remedy.max_uses) or self._is_in_force(remedy):
            return False
        return self.dry_run or not isinstance(remedy, GoesBack) or remedy.target is not None

    def _is_in_force(self, remedy: Remedy) -> bool:
        return remedy.is_active or remedy.name in self.course.imagined

    def _apply(self, patient: Patient, remedy: Remedy, kind: Kind) -> Action:
        self.course.uses[remedy.name] = self.course.uses.get(remedy.name, 0) + 1
        if self.dry_run:
            self.course.imagined += () if isinstance(remedy, GoesBack | Wait) else (remedy.name,)
            return Action(patient.iteration, "would apply", remedy.name, kind)
        try:
            return Action(patient.iteration, "applied", remedy.name, kind, self.cabinet.apply(remedy, patient))
        except ValueError as error:  # it would change nothing now
            change = Change(remedy.name, "off", "off", str(error))
            return Action(patient.iteration, "passed over", remedy.name, kind, change)

    def _heal(self, patient: Patient) -> list[Action]:
        """Take back what need not stay."""
        self.course.has_given_up = False
        passing = [each for each in self.cabinet.remedies if self._is_in_force(each) and not each.keeps]
        if self.dry_run:
            gone = {each.name for each in passing}
            self.course.imagined = [name for name in self.course.imagined if name not in gone]
            return [Action(patient.iteration, "would undo", each.name, "") for each in passing]
        now, undo = patient.iteration, self.cabinet.undo
        return [Action(now, "undone", each.name, "", undo(each, patient)) for each in passing]

    def detach(self) -> None:
        """Let go of the module when the fit ends."""
        self.cabinet.detach()

    def state_dict(self) -> dict[str, Any]:
        """Return plain data with which a resumed run goes on bit for bit."""
        return {"course": self.course.as_dict(), **self.cabinet.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned; before ``prepare``."""
        self._is_resumed = True
        self.course = Course(**state["course"])
        self.cabinet.load_state_dict(state)
