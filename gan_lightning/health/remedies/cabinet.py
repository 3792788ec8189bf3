"""The remedies that a ladder has at hand, and the module's side of them: what fits, what is active, what it holds."""

from typing import Any

from lightning.pytorch import LightningModule
from torch.optim import Optimizer

from gan_lightning.health.remedies.copies import copied
from gan_lightning.health.remedies.levers import prepare_all, refusal_of
from gan_lightning.health.remedies.patient import Patient
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.health.remedies.rollback import GoesBack
from gan_lightning.health.remedies.rungs import Rungs, remedies_of, without
from gan_lightning.health.remedies.shelf import Shelf
from gan_lightning.health.remedies.wider_discriminator import WiderDiscriminator


class Cabinet:
    """The remedies of some rungs, each of them once.

    Args:
        rungs: in which they stand.
        refuses: whether a remedy that does not fit the module is an error; otherwise it is left out.
        keep: healthy snapshots.
        every: iterations between two of them.
        idle: whether nothing will be applied, so that no snapshots are needed.

    Raises:
        ValueError: if two remedies have one name, or a number of snapshots is below 1.
    """

    def __init__(self, rungs: Rungs, *, refuses: bool, keep: int, every: int, idle: bool) -> None:
        self.rungs, self.refuses, self.idle = rungs, refuses, idle
        self.remedies = remedies_of(rungs)
        names = [remedy.name for remedy in self.remedies]
        if len(set(names)) < len(names):
            raise ValueError(f"two remedies have one name, of {', '.join(names)}: use the same object for both")
        self.fitting = rungs
        self.unfit: dict[str, str] = {}
        """What the module does not allow, and why."""
        self.shelf = Shelf(self.remedies, keep=keep, every=every)
        self.active: tuple[Remedy, ...] = ()
        self._fresh = copied({remedy.name: remedy.state_dict() for remedy in self.remedies})

    @property
    def goes_back(self) -> bool:
        """Whether snapshots are needed."""
        back = [remedy for remedy in self.remedies if isinstance(remedy, GoesBack) and remedy.name not in self.unfit]
        return bool(back) and not self.idle

    def start_anew(self) -> None:
        """Forget another module."""
        for remedy in self.remedies:
            remedy.load_state_dict(copied(self._fresh[remedy.name]))

    def expect(self, module: LightningModule, discriminator: str | None) -> None:
        """Be ready for a checkpoint whose discriminator was replaced; at setup, before it is loaded."""
        for remedy in self.remedies:
            if isinstance(remedy, WiderDiscriminator):
                remedy.expect(module, discriminator)

    def prepare(self, patient: Patient) -> None:
        """Look which remedies fit the module, and take up those that are active.

        Raises:
            ValueError: if some do not, and that ``refuses``: why, and which levers the module has.
        """
        self.fitting, self.unfit = self.rungs, {}
        for remedy in self.remedies:
            if isinstance(remedy, GoesBack | WiderDiscriminator):
                remedy.shelf = self.shelf
        if self.refuses:
            prepare_all(self.remedies, patient)
        else:
            self._leave_out(patient)
        self._refresh()

    def _leave_out(self, patient: Patient) -> None:
        for remedy in self.remedies:
            reason = refusal_of(remedy, patient)
            if reason is not None:
                self.fitting = without(self.fitting, remedy)
                self.unfit[remedy.name] = reason

    def before_batch(self, patient: Patient, batch: Any) -> None:
        for remedy in self.active:
            remedy.before_batch(patient, batch)

    def before_step(self, patient: Patient, optimizer: Optimizer) -> None:
        for remedy in self.active:
            remedy.before_step(patient, optimizer)

    def after_batch(self, patient: Patient) -> None:
        for remedy in self.active:
            remedy.after_batch(patient)

    def detach(self) -> None:
        """Let go of the module when the fit ends."""
        for remedy in self.remedies:
            remedy.detach()

    def apply(self, remedy: Remedy, patient: Patient) -> Change:
        """Apply a remedy.

        Raises:
            ValueError: if it would change nothing now.
        """
        probe, change = patient.probe, remedy.apply(patient)
        if patient.probe is not probe:  # there is another discriminator
            for each in self.remedies:
                if each.name not in self.unfit:
                    each.prepare(patient)
        self._refresh()
        return change

    def undo(self, remedy: Remedy, patient: Patient) -> Change:
        """Take a remedy back."""
        change = remedy.undo(patient)
        self._refresh()
        return change

    def _refresh(self) -> None:
        self.active = tuple(remedy for remedy in self.remedies if remedy.is_active)

    def state_dict(self) -> dict[str, Any]:
        remedies = {remedy.name: remedy.state_dict() for remedy in self.remedies}
        return {"remedies": remedies, "shelf": self.shelf.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.shelf.load_state_dict(state["shelf"])
        for remedy in self.remedies:
            if remedy.name in state["remedies"]:
                remedy.load_state_dict(state["remedies"][remedy.name])
