"""Losses and scores with what was found and done marked on them, while the run goes on."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.drawing import Drawing
from gan_lightning.logging import announce, run_folder
from gan_lightning.logging.image import Picture
from gan_lightning.logging.spared import spared
from gan_lightning.pictures import Course, draw_curves
from gan_lightning.pictures.read_course import called, meaning, read_marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 4000
"""Values kept per curve; beyond, every second one is dropped."""


class TrainingCurves(Drawing):
    """Draw losses and scores with verdicts and remedies marked on them; in a notebook one picture that renews itself.

    The curves are what the module logs under names of losses and scores as people call them, at every
    ``log_every_n_steps``-th iteration. The marks are of a ``HealthMonitor``, if there is one. The pictures go to every
    logger that takes some, else to PNG files; the last one is ``curves.png`` in the run's folder. Of a finished run,
    ``gan_lightning.pictures.draw_run`` draws the same.

    Args:
        every: iterations between two pictures.

    Raises:
        ValueError: if ``every < 1``.

    Example:
        >>> TrainingCurves(every=200).every
        200
    """

    name: ClassVar[str] = "curves"
    goes_back: ClassVar[bool] = False
    """A rollback leaves what was drawn, for that is what happened."""

    def __init__(self, every: int = 500) -> None:
        super().__init__(every)
        self._values: dict[str, dict[int, Tensor | float]] = {}
        self._handle: Any = None

    def state_dict(self) -> dict[str, Any]:
        self._settle()
        return {"values": {name: dict(values) for name, values in self._values.items()}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._values = {name: dict(values) for name, values in state_dict["values"].items()}

    def prepare(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._folder, self._handle = run_folder(trainer), None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        begun = trainer.fit_loop.total_batch_idx + 1
        self._values = {
            name: {at: value for at, value in values.items() if at <= begun} for name, values in self._values.items()
        }

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        iteration = trainer.fit_loop.total_batch_idx + 1
        every: int = trainer.log_every_n_steps  # type: ignore[attr-defined]
        if iteration % max(1, every) == 0:
            for name, value in trainer.callback_metrics.items():
                if value.ndim == 0 and not name.startswith(("health/", "metrics/", "val")):
                    self._values.setdefault(name, {})[iteration] = value.detach().clone()
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    def attempt(self, trainer: Trainer, pl_module: LightningModule) -> Picture | None:
        """Draw as soon as anything was logged."""
        self._settle()
        return super().attempt(trainer, pl_module) if meaning(self._values) else None

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_fit_end(trainer, pl_module)
        if not meaning(self._values):
            announce(trainer, "No curves: nothing was logged under the name of a loss or a score, such as d/loss")

    def draw(self, trainer: Trainer, pl_module: LightningModule) -> "Figure":
        marks = read_marks(self._folder) if trainer.is_global_zero else []
        course = Course(called(self._folder), meaning(self._values), marks=marks)
        figure = draw_curves(course, f"{course.name}, iteration {trainer.fit_loop.total_batch_idx + 1:,}")
        if trainer.is_global_zero:
            with spared(self, "show the curves in the notebook"):
                self._show_in_notebook(figure)
        return figure

    def _show_in_notebook(self, figure: "Figure") -> None:
        """Show the figure below the running cell, in the place of the one before; elsewhere do nothing."""
        python: Any = sys.modules.get("IPython")  # which a notebook has loaded already
        if python is None or getattr(python.get_ipython(), "kernel", None) is None:
            return
        if self._handle is None:
            self._handle = import_module("IPython.display").display(figure, display_id=True)
        else:
            self._handle.update(figure)

    def _settle(self) -> None:
        """Make numbers of what was kept, with one synchronisation per curve, and let the curves not grow for ever."""
        for name, values in self._values.items():
            fresh = {at: value for at, value in values.items() if isinstance(value, Tensor)}
            if fresh:
                numbers = torch.stack([value.float() for value in fresh.values()]).tolist()
                values |= dict(zip(fresh, numbers, strict=True))
            if len(values) > MOST:
                self._values[name] = {at: values[at] for at in list(values)[1::2]}
