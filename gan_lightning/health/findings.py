"""What a monitor has found, for whoever asks."""

from lightning.pytorch import Callback

from gan_lightning.health.cases import Cases, Episode
from gan_lightning.health.history import History
from gan_lightning.health.judge import Judge
from gan_lightning.health.verdict import Verdict


class Findings(Callback):
    """The reading side of a monitor."""

    _judge: Judge
    generator: str | None
    discriminator: str | None

    @property
    def state_key(self) -> str:
        """The class, and which game it watches where that was said: a trainer may hold a monitor for each."""
        if not (self.generator or self.discriminator):  # Lightning asks at each hook of each batch
            return type(self).__qualname__
        return self._generate_state_key(generator=self.generator, discriminator=self.discriminator)

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
