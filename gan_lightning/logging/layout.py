"""How a logger shows numbers: on which axis, what of a curve counts, and which curves share a chart."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lightning.pytorch import Trainer

from gan_lightning.logging.spared import spared

ITERATION = "trainer/global_step"
"""The axis of whatever Lightning and ``log_scalars`` log to Weights & Biases: the iteration, counted from 0."""


class Shown(NamedTuple):
    """How one quantity is shown.

    Args:
        summary: what of it stands in a table of runs: ``"last"``, ``"min,last"`` or ``"max,last"``.
        x: name of the number that is its x-axis.
        hidden: whether it has no chart of its own.
    """

    summary: str = "last"
    x: str = ITERATION
    hidden: bool = False


def define_quantities(trainer: Trainer, quantities: Mapping[str, Shown]) -> None:
    """Tell loggers that can be told, such as Weights & Biases, how to show quantities; rank 0 does.

    Each is named in full: of several patterns that match, Weights & Biases takes any, and Lightning's own is ``*``.

    Args:
        trainer: whose loggers are told.
        quantities: by name; best before the first value is logged, for only later values are in a summary.
    """
    if not trainer.is_global_zero:
        return
    for logger in trainer.loggers:
        with spared(logger, "define its axes and summaries"):
            define = getattr(getattr(logger, "experiment", None), "define_metric", None)
            if callable(define):
                for name, shown in quantities.items():
                    define(name, step_metric=shown.x, step_sync=True, summary=shown.summary, hidden=shown.hidden)


def log_layout(trainer: Trainer, sections: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Put curves together in charts where a logger has such a thing: TensorBoard's tab "Custom scalars"; rank 0 does.

    Args:
        trainer: whose loggers are told.
        sections: names of quantities (of TensorBoard regular expressions) by section and chart.
    """
    if not trainer.is_global_zero:
        return
    layout: dict[str, Any] = {
        section: {chart: ["Multiline", list(names)] for chart, names in charts.items()}
        for section, charts in sections.items()
    }
    for logger in trainer.loggers:
        with spared(logger, "lay out its charts"):
            lay_out = getattr(getattr(logger, "experiment", None), "add_custom_scalars", None)
            if callable(lay_out):
                lay_out(layout)
