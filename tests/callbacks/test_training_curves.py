"""Curves with marks, from a run that goes on; in a notebook one picture that renews itself."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from helpers import fit, make, points

from gan_lightning import HealthMonitor, TrainingCurves
from gan_lightning.callbacks import training_curves


class Handle:
    """A display handle that remembers what it showed."""

    def __init__(self, shown: list[Any]) -> None:
        self.shown = shown

    def update(self, figure: Any) -> None:
        self.shown.append(("updated", figure._repr_png_()[:4]))


def open_notebook(patch: pytest.MonkeyPatch, kernel: Any) -> list[Any]:
    """Pretend that IPython runs this, with a kernel, as notebooks have, or without; return what it will show."""
    shown: list[Any] = []

    def display(figure: Any, display_id: bool) -> Handle:
        shown.append(("displayed", display_id))
        return Handle(shown)

    patch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=kernel)))
    patch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    return shown


def test_a_notebook_shows_one_picture_that_renews_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = open_notebook(monkeypatch, object())
    fit(make(), callbacks=[TrainingCurves(every=2)], default_root_dir=tmp_path, log_every_n_steps=1)
    assert shown == [("displayed", True), ("updated", b"\x89PNG"), ("updated", b"\x89PNG")]


def test_elsewhere_nothing_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = open_notebook(monkeypatch, None)
    fit(make(), callbacks=[TrainingCurves(every=2)], default_root_dir=tmp_path, log_every_n_steps=1)
    assert shown == []


def test_the_curves_are_what_was_logged_and_the_marks_what_was_found(tmp_path: Path) -> None:
    curves, monitor = TrainingCurves(every=100), HealthMonitor(every=50, samples=64)
    stuck = points(n=256, batches=200)
    stuck.batches = [torch.zeros_like(batch) for batch in stuck.batches]
    run = fit(make(), stuck, callbacks=[monitor, curves], default_root_dir=tmp_path, log_every_n_steps=10)
    values = curves.state_dict()["values"]
    assert list(values["d/loss"]) == list(range(10, 201, 10))
    assert values["d/loss"][200] == pytest.approx(float(run.callback_metrics["d/loss"]))
    lanes = curves.draw(run, run.lightning_module).axes[-1]
    assert monitor.episodes
    names = {verdict.title for verdict, _ in monitor.episodes}
    assert {label.get_text() for label in lanes.get_yticklabels()} == names


def test_curves_do_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_curves, "MOST", 10)
    curves = TrainingCurves()
    for at in range(1, 101):
        curves._values.setdefault("d/loss", {})[at] = torch.tensor(float(at))
        if at % 5 == 0:
            curves._settle()
    kept = curves.state_dict()["values"]["d/loss"]
    assert len(kept) <= 10
    assert all(at == value for at, value in kept.items())


def test_another_run_starts_with_no_curves(tmp_path: Path) -> None:
    curves = TrainingCurves(every=2)
    for _ in range(2):
        fit(make(), callbacks=[curves], default_root_dir=tmp_path, log_every_n_steps=1)
    assert list(curves.state_dict()["values"]["d/loss"]) == [1, 2, 3, 4]
