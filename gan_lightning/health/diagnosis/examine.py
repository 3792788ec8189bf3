"""A short training of a module, watched closely."""

import logging
import tempfile
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch import LightningDataModule, LightningModule, Trainer
from lightning.pytorch.loggers.logger import DummyLogger

from gan_lightning.health.diagnosis.mistakes import Mistake, mistakes_in
from gan_lightning.health.diagnosis.observed import Observed
from gan_lightning.health.diagnosis.players import Player, players_of
from gan_lightning.health.monitor import HealthMonitor
from gan_lightning.health.wishes import FEWEST_SAMPLES
from gan_lightning.probe import StepRecord
from gan_lightning.probe.inputs import batch_size_of
from gan_lightning.probe.networks import Role

SAMPLES = 512
PACKAGE = Path(__file__).parents[2]
LIGHTNING = Path(pl.__file__).parent


class Examination(HealthMonitor):
    """Watch a few hundred steps: also what a monitor does not keep, and with checks that suit so few.

    Args:
        steps: batches to train for.
        generator: dotted path of the generator; found by its name if None.
        discriminator: likewise.
    """

    def __init__(self, steps: int, *, generator: str | None = None, discriminator: str | None = None) -> None:
        super().__init__(every=min(steps, max(20, steps // 20)), generator=generator, discriminator=discriminator)
        self.steps, self.taken, self.observed = steps, 0, Observed()
        self.players: dict[Role, Player] = {}
        self._before = 0

    @property
    def num_checks(self) -> int:
        """How many checks there were."""
        return len(self.history)

    @property
    def mistakes(self) -> list[Mistake]:
        """What is wrong in the set-up."""
        return mistakes_in(self.observed)

    @property
    def failures(self) -> list[str]:
        """What cannot be right, by name."""
        verdicts = [episode.verdict for episode in self.episodes if episode.verdict.severity == "failure"]
        return [mistake.text for mistake in self.mistakes if mistake.certain] + [each.title for each in verdicts]

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Wait for the first batch: its size tells how many samples a check can have."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Wait likewise."""

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        if not self.taken:
            size = max(1, batch_size_of(batch))
            self.samples = max(FEWEST_SAMPLES, min(SAMPLES, size * self.every))
            self.every = max(self.every, -(-self.samples // size))
            super().on_fit_start(trainer, pl_module)
            super().on_train_start(trainer, pl_module)
            self._witness(pl_module)
        super().on_train_batch_start(trainer, pl_module, batch, batch_idx)

    def _witness(self, module: LightningModule) -> None:
        """See what the collector is given."""
        assert self._observer is not None
        collector = self._observer.collector
        add = collector.add

        def witnessed(record: StepRecord) -> None:
            self.observed.see(record)
            add(record)

        collector.add = witnessed  # type: ignore[method-assign]
        self.players = players_of(self._observer.probe, module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)
        self.taken += 1
        if self.taken >= self.steps:
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.taken == self._before:
            trainer.should_stop = True
        self._before = self.taken


class _NoLogger(DummyLogger):
    """Takes whatever a module logs by hand, and keeps nothing."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    @property
    def log_dir(self) -> str:
        return self._folder

    @property
    def save_dir(self) -> str:
        return self._folder


def examine(
    module: LightningModule,
    data: LightningDataModule | Iterable[Any],
    steps: int = 500,
    *,
    accelerator: str = "auto",
    generator: str | None = None,
    discriminator: str | None = None,
) -> Examination:
    """Train a module for a few hundred batches, in a folder that is removed afterwards, and return what was seen.

    Args:
        module: any GAN; its weights change.
        data: a loader, or a data module.
        steps: batches, at least 1; several epochs if the loader has fewer.
        accelerator: as of Lightning's ``Trainer``.
        generator: dotted path of the generator; found by its name if None.
        discriminator: likewise.

    Raises:
        ValueError: if the module is no GAN that can be watched, the data are empty, or the module's own code fails.
    """
    if steps < 1:
        raise ValueError(f"expected at least 1 step, got {steps}")
    examination = Examination(steps, generator=generator, discriminator=discriminator)
    with tempfile.TemporaryDirectory() as folder, _hushed():
        trainer = Trainer(
            accelerator=accelerator, devices=1, max_epochs=-1, logger=_NoLogger(folder), callbacks=[examination],
            default_root_dir=folder, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, limit_val_batches=0, num_sanity_val_steps=0,
        )  # fmt: skip
        try:
            trainer.fit(module, data)
        except Exception as error:
            foreign = _is_foreign(error)
            raise ValueError(_told(module, error, examination.taken) if foreign else str(error)) from error
    if not examination.taken:
        raise ValueError(f"the data are empty: no batch came from {type(data).__name__}")
    if not examination.observed.calls:
        raise ValueError(
            f"the discriminator was never called in {examination.taken} batches of {type(module).__name__}"
        )
    return examination


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep off the screen what the report or an error tells anyway, or what no short training needs."""
    log = logging.getLogger("lightning.pytorch")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for message in ("Total length of .* across ranks is zero", ".*does not have many workers"):
                warnings.filterwarnings("ignore", message=message)
            yield
    finally:
        log.setLevel(level)


def _is_foreign(error: Exception) -> bool:
    """Tell whether it was raised neither here nor in Lightning, which tell what is wrong in their own words."""
    frames = traceback.extract_tb(error.__traceback__)
    return not any(Path(frames[-1].filename).is_relative_to(ours) for ours in (PACKAGE, LIGHTNING))


def _told(module: LightningModule, error: Exception, taken: int) -> str:
    """Return an error in someone's code as a sentence, with the place in code that is neither PyTorch's nor ours."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename and not _is_ours(frame.filename)]
    place = f" ({own[-1].filename}, line {own[-1].lineno}, in {own[-1].name})" if own else ""
    when = f"after {taken} batches" if taken else "before its first batch was done"
    return f"{type(module).__name__} failed {when}: {type(error).__name__}: {error}{place}"


def _is_ours(file: str) -> bool:
    return Path(file).is_relative_to(PACKAGE)
