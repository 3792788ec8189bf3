"""What a monitor has found, for whoever asks."""

from lightning.pytorch import Callback

from gan_lightning.health.cases import Cases, Episode
from gan_lightning.health.history import History
from gan_lightning.health.judge import Judge
from gan_lightning.health.verdict import Verdict


class Findings(Callback):
    """The reading side of a monitor."""

    _judge: Judge

    @property
    def history(self) -> History:
        """What the last checks measured."""
        return self._judge.history

    @property
    def cases(self) -> Cases:
        """The verdicts, open and over."""
        return self._judge.cases

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What is wrong now; empty while all is well."""
        return tuple(self.cases.open.values())

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """All verdicts of the run and their ends, also after it."""
        return tuple(self.cases.episodes)

    @property
    def is_healthy(self) -> bool:
        """Whether no failure stands; warnings do not count."""
        return all(verdict.severity != "failure" for verdict in self.verdicts)
