"""A watched run that is broken off and taken up again ends as the straight one: weights, numbers, verdicts, file."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import make, trainer, weights
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.strategies import DDPStrategy
from two_ranks import leave_results, results_of_two_ranks
from watched import Says, monitor

from gan_lightning.data import TensorData
from gan_lightning.health import read_events

ITERATIONS = 60
STOPS = {"calibration": 5, "between": 21, "window": 28, "at a check": 30, "verdict": 33, "silence": 47, "over": 56}


def play(folder: Path, iterations: int = ITERATIONS, ckpt_path: Path | None = None, ranks: int = 1) -> dict[str, Any]:
    """Train up to an iteration; return all that shall be the same."""
    generator = torch.Generator().manual_seed(5)
    samples = torch.randn(256 * 7, 2, generator=generator)
    watching = monitor(Says("mode_collapse", 30, 31), Says("oscillation", 40, severity="warning"))
    checkpoint = ModelCheckpoint(folder, "{step}", every_n_train_steps=1, save_top_k=-1, save_on_train_epoch_end=False)
    strategy = DDPStrategy(process_group_backend="gloo") if ranks > 1 else "auto"
    module, run = make(), trainer(
        devices=ranks, strategy=strategy, max_epochs=None, max_steps=iterations, default_root_dir=folder,
        enable_checkpointing=True, callbacks=[watching, checkpoint],
    )  # fmt: skip
    torch.manual_seed(2)
    data = TensorData(samples, batch_size=256 // ranks)
    run.fit(module, data, ckpt_path=ckpt_path, weights_only=True if ckpt_path else None)
    run.save_checkpoint(folder / "after.ckpt")
    found = {
        "weights": weights(module),
        "history": watching.history.state_dict(),
        "cases": watching.cases.state_dict(),
        "judge": watching.state_dict()["judge"],
    }
    if run.is_global_zero:
        found["events"] = [event for event in read_events(folder) if event["event"] != "start"]
    return found


def same(a: Any, b: Any) -> bool:
    """Compare plain data and tensors bit for bit, NaN equal to NaN."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b or (a != a and b != b)


def compare(folder: Path, ranks: int, stops: dict[str, int]) -> dict[str, list[str]]:
    """Return what differs after a stop, by the stop's name."""
    straight = play(folder / "straight", ranks=ranks)
    differing = {}
    for name, stop in stops.items():
        own = folder / name.replace(" ", "_")
        play(own, stop, ranks=ranks)
        resumed = play(own, ckpt_path=own / f"step={stop}.ckpt", ranks=ranks)
        differing[name] = [key for key in straight if not same(straight[key], resumed[key])]
    return differing


def test_a_resumed_run_is_the_straight_one(tmp_path: Path) -> None:
    assert compare(tmp_path, 1, STOPS) == {name: [] for name in STOPS}


def test_the_straight_run_tells_all_there_is(tmp_path: Path) -> None:
    found = play(tmp_path)
    told = [(event["event"], event["iteration"]) for event in found["events"] if event["event"] != "check"]
    assert told == [("verdict", 30), ("verdict", 40), ("over", 60), ("summary", 60)]


def test_a_checkpoint_of_a_later_iteration_than_the_folder_is_gone_back_from(tmp_path: Path) -> None:
    straight = play(tmp_path)
    back = play(tmp_path, ckpt_path=tmp_path / "step=33.ckpt")
    assert same(straight, back)


def test_a_checkpoint_that_was_saved_after_the_fit_will_do(tmp_path: Path) -> None:
    straight = play(tmp_path / "straight")
    play(tmp_path / "half", 27)
    assert same(straight, play(tmp_path / "half", ckpt_path=tmp_path / "half" / "after.ckpt"))


@pytest.mark.ddp
def test_on_two_ranks_too(tmp_path: Path) -> None:
    for found in results_of_two_ranks(__file__, tmp_path):
        assert found["differing"] == {"calibration": [], "window": []}


if __name__ == "__main__":
    stops = {name: STOPS[name] for name in ("calibration", "window")}
    leave_results({"differing": compare(Path(sys.argv[1]), 2, stops)})
