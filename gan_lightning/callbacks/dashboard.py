"""One place to look at a run from: curves, samples, what went wrong, and the best generator."""

from typing import Any, ClassVar, Literal

from lightning.pytorch import LightningModule, Trainer

from gan_lightning.callbacks.attached import Attached
from gan_lightning.callbacks.best_generator import BestGenerator
from gan_lightning.callbacks.dashboard_layout import KIMG, SECTIONS, first_quantities, shown_as
from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.callbacks.generator_ema import averaged_generator
from gan_lightning.callbacks.sample_rows import sample_rows
from gan_lightning.callbacks.timeline import Timeline
from gan_lightning.logging import announce, define_quantities, limit_alerts, log_layout, log_scalars, log_table
from gan_lightning.logging.alert import MINUTES
from gan_lightning.logging.spared import spared
from gan_lightning.probe import batch_size_of, find_network


class Dashboard(Attached):
    """Show a run in whatever loggers there are: samples with their seeds, verdicts, figures, and the best generator.

    - ``samples/table``: samples, each with the seed that draws it again, of the average of a ``GeneratorEMA`` if there
      is one. It needs ``sample(n, seed=...)`` of the module, and is left out where that is missing.
    - ``health/timeline``: all verdicts of a ``HealthMonitor``, since when and until when, each time that changes.
    - ``kimg``: thousands of images seen, and in Weights & Biases the x-axis of ``metrics/...``, with the best and last
      of each in the table of runs; losses and scores are over iterations, and their last counts.
    - The generator of the best ``monitor`` so far, averaged where there is an average: ``best_generator.pt`` in the
      run's folder, a state dict, with ``best_generator.json``; at the end of the fit also an artifact.
    - Alerts of the ``HealthMonitor`` about one kind of failure come at most once in ``alert_minutes``.
    - Charts that hold several curves in TensorBoard's tab "Custom scalars".

    What fails in a logger, or cannot be drawn, is told once and ends no training; training with and without it is
    bit-identical. In ordinary batches it only counts. Put it behind what it shows: ``[GeneratorEMA(), HealthMonitor(),
    Dashboard()]``.

    Args:
        monitor: name of the figure that tells which generator is the best, as Lightning logs it; None keeps none.
        mode: ``"min"`` if lower is better, as of FID, or ``"max"``.
        every: iterations between two tables of samples, at least 1.
        samples: rows of such a table, at least 1.
        seed: of the first sample; each next one has the next.
        alert_minutes: at least 0; 0 sends every alert.
        generator: dotted path of the generator; found by its name if None.

    Raises:
        ValueError: if an argument is out of range; at fit start, with a ``monitor``, if the generator is not found.

    Example:
        >>> Dashboard("metrics/coverage", mode="max").every
        500
    """

    goes_back: ClassVar[bool] = False
    """A rollback leaves the count of images, for axes never run backwards."""

    def __init__(
        self,
        monitor: str | None = None,
        *,
        mode: Literal["min", "max"] = "min",
        every: int = 500,
        samples: int = 16,
        seed: int = 0,
        alert_minutes: float = MINUTES,
        generator: str | None = None,
    ) -> None:
        self.check_installed()
        if min(every, samples) < 1:
            raise ValueError(f"every and samples must be at least 1, got {every} and {samples}")
        if mode not in ("min", "max"):
            raise ValueError(f'mode is {mode!r}, expected "min" (lower is better) or "max"')
        if not alert_minutes >= 0:
            raise ValueError(f"alert_minutes is {alert_minutes}, expected at least 0 (every alert is sent)")
        self.monitor, self.mode = monitor, mode
        self.every, self.samples, self.seed = every, samples, seed
        self.alert_minutes, self.generator = alert_minutes, generator
        self._timeline = Timeline()
        self._defined: set[str] = set()
        self._cadences: tuple[int, ...] = ()
        self._is_on = self._can_sample = False
        super().__init__()

    def start_anew(self) -> None:
        self.best = None if self.monitor is None else BestGenerator(self.monitor, self.mode)
        self._images = 0

    def check_installed(self) -> None:
        """Raise if what it writes to is not installed."""

    def state_dict(self) -> dict[str, Any]:
        return {"images": self._images, "best": None if self.best is None else self.best.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._images = state_dict["images"]
        if self.best is not None and state_dict["best"] is not None:
            self.best.load_state_dict(state_dict["best"])

    def attach(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.best is not None:
            self._network = find_network(pl_module, self.generator, "generator")
        others = (getattr(each, "every", 0) for each in trainer.callbacks)  # type: ignore[attr-defined]
        stated: int = trainer.log_every_n_steps  # type: ignore[attr-defined]
        logged = {stated, self.every, *(each for each in others if isinstance(each, int))}
        self._cadences = tuple(every for every in logged if every > 0)
        self._timeline, self._is_on, self._can_sample = Timeline(), True, hasattr(pl_module, "sample")
        if not self._can_sample:
            announce(trainer, f"No table of samples: {type(pl_module).__name__} has no method sample(n, seed=...)")

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        limit_alerts(trainer, self.alert_minutes)
        evaluations = [each for each in trainer.callbacks if isinstance(each, Evaluation)]  # type: ignore[attr-defined]
        shown = first_quantities(self.monitor, self.mode, [name for each in evaluations for name in each.panel.metrics])
        self._defined = set(shown)
        define_quantities(trainer, shown)
        log_layout(trainer, SECTIONS)

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self._images += trainer.world_size * _num_images(batch)
        if self._is_due(_iteration(trainer)):  # before anybody logs a figure of this batch
            self._log_images(trainer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        iteration = _iteration(trainer)
        if not self._is_due(iteration):
            return
        self._look(trainer, pl_module)
        if iteration % self.every == 0 and self._can_sample:
            self._show_samples(trainer, pl_module)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._is_on and not trainer.sanity_checking:
            self._log_images(trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._is_on and not trainer.sanity_checking:
            self._look(trainer, pl_module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._look(trainer, pl_module)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._timeline.show(trainer)
        if self.best is not None:
            self.best.hand_over(trainer)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        super().on_exception(trainer, pl_module, exception)
        if self._is_on:
            if trainer.world_size == 1:  # another rank may not come here
                self._timeline.show(trainer)
            if self.best is not None:
                self.best.hand_over(trainer)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        super().teardown(trainer, pl_module, stage)
        self._is_on = False

    def _is_due(self, iteration: int) -> bool:
        """Tell whether anything may be logged after this iteration."""
        return any(iteration % every == 0 for every in self._cadences)

    def _log_images(self, trainer: Trainer) -> None:
        if self._images:
            log_scalars(trainer, {KIMG: self._images / 1000})

    def _look(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """After something may have been logged: learn new names, keep what is best, show what was found."""
        fresh = {name for name in trainer.callback_metrics if name.startswith("metrics/")} - self._defined
        if fresh:
            self._defined |= fresh
            define_quantities(trainer, {name: shown_as(name) for name in sorted(fresh)})
        if self.best is not None:
            self.best.look(trainer, self._network, iteration=_iteration(trainer), images=self._images)
        self._timeline.show(trainer)

    def _show_samples(self, trainer: Trainer, pl_module: LightningModule) -> None:
        table: Any = ((), ())
        with spared(self, "draw samples"), averaged_generator(trainer):
            table = sample_rows(pl_module, self.samples, self.seed)
        with spared(self, "show samples"):  # on all ranks, though one could not draw: the others wait for it
            log_table(trainer, "samples/table", *table)


def _iteration(trainer: Trainer) -> int:
    """Return how many batches were trained on, the one that runs included."""
    return trainer.fit_loop.epoch_loop.total_batch_idx + 1


def _num_images(batch: Any) -> int:
    try:
        return batch_size_of(batch)
    except ValueError:
        return 0  # what cannot be counted has no such axis
