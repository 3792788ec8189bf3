"""A progress bar that costs next to nothing and shows both players."""

from time import monotonic
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar


class GANProgressBar(TQDMProgressBar):
    """Lightning's bar with the players' losses and scores in short, drawn at most every ``seconds``.

    With ``max_steps`` it is one bar over the whole run, counting the generator's updates; else one per epoch. At 500
    iterations per second, drawing it each time would take a twentieth of the time.

    Args:
        seconds: between two drawings, 0 or more.

    Example:
        >>> GANProgressBar().seconds
        0.2
    """

    def __init__(self, seconds: float = 0.2) -> None:
        super().__init__(refresh_rate=1)
        self.seconds = seconds
        self._drawn_at = 0.0

    def get_metrics(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, Any]:
        metrics = super().get_metrics(trainer, pl_module)
        metrics.pop("v_num", None)
        return {name: f"{value:.2f}" if isinstance(value, float) else value for name, value in metrics.items()}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_train_start(trainer, pl_module)
        if trainer.max_steps > 0:
            bar = self.train_progress_bar
            bar.reset(total=trainer.max_steps)
            bar.initial = bar.n = trainer.global_step

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.max_steps < 0:
            super().on_train_epoch_start(trainer, pl_module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        now = monotonic()
        done = batch_idx + 1 if trainer.max_steps < 0 else trainer.global_step
        if now - self._drawn_at >= self.seconds or done == self.train_progress_bar.total:
            self._drawn_at = now
            super().on_train_batch_end(trainer, pl_module, outputs, batch, done - 1)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.max_steps < 0:
            super().on_train_epoch_end(trainer, pl_module)
