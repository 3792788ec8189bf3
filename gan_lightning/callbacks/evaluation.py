"""How good the generated samples are, while it trains: any torchmetrics, for whatever watches or stops a run."""

from dataclasses import asdict
from time import monotonic
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.utilities import rank_zero_warn
from torchmetrics import Metric

from gan_lightning.callbacks.evaluated import iteration_of, publish, refuse_shared_names, show
from gan_lightning.callbacks.evaluation_file import FILE, EvaluationFile
from gan_lightning.callbacks.evaluator import Evaluator
from gan_lightning.callbacks.fresh_looks import FreshLooks, watchers
from gan_lightning.callbacks.generated import Replayed, Sample, generated_by
from gan_lightning.callbacks.measured import PREFIX, Evaluated, Panel
from gan_lightning.callbacks.real_samples import Source
from gan_lightning.logging import announce, run_folder


class Evaluation(Callback):
    """Measure generated samples, each N iterations or at each validation, and log it as ``metrics/<name>``.

    A metric with several figures is logged as ``metrics/<name>_<figure>``, as in ``metrics/prdc_recall``. The values go
    to all loggers, to ``metrics.jsonl`` in the run's folder, and to ``trainer.callback_metrics``: a ``ModelCheckpoint``
    may monitor them (with ``every_n_train_steps=every`` it saves what was measured), and an ``EarlyStopping``, whose
    patience then counts evaluations. With a ``GeneratorEMA`` it is the average that is measured. Training goes on as if
    nobody measured, and does so too if a measurement fails, with a warning; what cannot work is refused at the start.
    Several evaluations go together, with other names for their metrics.

    Samples come from the module's ``sample(n, seed=...)``, the same latents each time. A module without one is asked by
    ``sample``; else its generator gets the inputs of its first training batches once more, as soon as there are enough;
    a checkpoint of one process holds them up to 16 MB. Generated images are clamped to [-1, 1] if the real ones are
    within. On several ranks each makes and reads its share.

    Args:
        metrics: by name: those of ``gan_lightning.metrics``, or any ``torchmetrics.Metric`` over one batch of samples,
            also with ``real=True``.
        every: iterations between two evaluations; None for at each validation.
        num_samples: generated samples, and real ones if there are as many; 10,000 to 50,000 are usual.
        real: "train" or "val" data, read once at the first evaluation; or samples (N, ...), or a loader.
        sample: dotted path of the module's method that makes n samples, or a function of the module and n.
        generator: dotted path of the generator whose inputs are kept; found by its name if None.
        batch_size: samples that are made at once.
        seed: of the samples.

    Raises:
        ValueError: if a number is below 1, or too small for a metric; at fit start, or after a foreign module's first
            batch, if the data or the samples do not suit a metric or each other.
        TypeError: if a metric is none, or ``sample`` names no method.

    Example:
        >>> from gan_lightning.metrics import PRDC
        >>> evaluation = Evaluation({"prdc": PRDC()}, every=1000, num_samples=5000)
        >>> evaluation.last is None
        True
    """

    last: Evaluated | None
    _recorded: Any
    _measured: LightningModule | None

    def __init__(
        self,
        metrics: dict[str, Metric],
        every: int | None = None,
        num_samples: int = 10_000,
        real: Source = "train",
        sample: Sample | None = None,
        generator: str | None = None,
        batch_size: int = 250,
        seed: int = 0,
    ) -> None:
        if min(num_samples, batch_size, every or 1) < 1 or every == 0:
            raise ValueError(
                f"expected every, num_samples and batch_size >= 1, got {every}, {num_samples}, {batch_size}"
            )
        if isinstance(real, str) and real not in ("train", "val"):
            raise ValueError(f"real is {real!r}, expected 'train', 'val', samples (N, ...) or a loader")
        self.panel = Panel(metrics)
        self.panel.check(num_samples)
        self.every, self.num_samples, self.real = every, num_samples, real
        self.sample, self.generator, self.batch_size, self.seed = sample, generator, batch_size, seed
        self._evaluator: Evaluator | None = None
        self._start_anew()
        self._is_tried = self._is_told = self._has_waited = False

    @property
    def state_key(self) -> str:
        return self._generate_state_key(metrics=list(self.panel.metrics))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        evaluations = [each for each in trainer.callbacks if isinstance(each, Evaluation)]  # type: ignore[attr-defined]
        refuse_shared_names(evaluations)
        self._begin(trainer, pl_module)
        if trainer.is_global_zero:
            self._file.rewind(iteration_of(trainer))
        if self.every is None and not trainer.enable_validation:
            rank_zero_warn("Evaluation measures at each validation, and this run has none: set every=1000, say")
        own = watchers(trainer, [PREFIX + name for name in self.panel.metrics])
        self._looks.hold([each for each in own if isinstance(each, EarlyStopping)])
        known = {} if self.last is None else self.last.values
        # To a ModelCheckpoint NaN is the worst there is; without the name it would end the training.
        show(trainer, {str(each.monitor): torch.nan for each in own} | known)

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        if self._replayed is not None:
            self._replayed.listen()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if not self._is_tried and self._evaluator is not None:
            self._is_tried = True
            self._evaluator.rehearse()
        if self.every is not None and iteration_of(trainer) % self.every == 0:
            self._evaluate(trainer)

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.every is not None or trainer.sanity_checking:
            return
        if self._evaluator is None:
            self._begin(trainer, pl_module)
        self._evaluate(trainer)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self._looks.release()
        if self._replayed is not None:
            self._replayed.leave()
            self._recorded = self._kept()
        self._evaluator = None
        self.panel.forget()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.last is None and self.every is not None and iteration_of(trainer) < self.every:
            announce(trainer, f"Evaluation measured nothing: the run ended before iteration {self.every:,}, its first")

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self.teardown(trainer, pl_module, "fit")

    def state_dict(self) -> dict[str, Any]:
        last = None if self.last is None else asdict(self.last)
        return {"last": last, "looks": self._looks.state_dict(), "recorded": self._kept()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.last = None if state_dict["last"] is None else Evaluated(**state_dict["last"])
        self._looks.load_state_dict(state_dict["looks"])
        self._recorded, self._measured = state_dict["recorded"], None

    def _start_anew(self) -> None:
        self.last = self._recorded = self._measured = None
        self._looks = FreshLooks()

    @property
    def _replayed(self) -> Replayed | None:
        made = None if self._evaluator is None else self._evaluator.made
        return made if isinstance(made, Replayed) else None

    def _kept(self) -> Any:
        """Return the inputs that a checkpoint holds: of one process, for it is rank 0 that saves."""
        replayed = self._replayed
        return self._recorded if replayed is None or self._ranks > 1 else replayed.state()

    def _begin(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._measured not in (None, pl_module):
            self._start_anew()
        self._measured = pl_module
        self._ranks, self._file = trainer.world_size, EvaluationFile(run_folder(trainer) / FILE)
        need = -(-self.num_samples // self._ranks)
        made = generated_by(pl_module, self.sample, self.generator, self.batch_size, self.seed, need)
        if isinstance(made, Replayed) and self._recorded is not None and self._ranks == 1:
            made.calls = list(self._recorded)
        self._evaluator = Evaluator(trainer, pl_module, self.panel, made, self.real, self.num_samples)
        self._is_tried = not isinstance(made, Replayed)
        if self._is_tried:
            self._evaluator.rehearse()

    def _evaluate(self, trainer: Trainer) -> None:
        assert self._evaluator is not None
        began = monotonic()
        if not self._evaluator.is_ready():
            if not self._has_waited:
                wanted = f"it needs the generator's inputs of {self.num_samples:,} samples, and has seen fewer"
                announce(trainer, f"Evaluation waits at iteration {iteration_of(trainer):,}: {wanted}")
            self._has_waited = True
            return
        try:
            figures = self._evaluator.evaluate()
        except Exception as error:
            if not self._is_told:
                self._is_told = True
                why = f"{type(error).__name__}: {error} (training goes on; this is told once)"
                rank_zero_warn(f"Evaluation failed at iteration {iteration_of(trainer):,}: {why}")
            return
        if figures:
            self._looks.measured += 1
            told = f"{self.num_samples:,} samples, {monotonic() - began:.0f} s"
            self.last = publish(trainer, self._file, figures, told)
