"""Runs' folders for the tests of the report, written as loggers and monitors write them."""

import json
from pathlib import Path

from PIL import Image

from gan_lightning.health import Verdict
from gan_lightning.health.events import EventFile

COLLAPSE = Verdict(
    "mode_collapse", "failure", 600, 800, {"bins/tv": 0.62}, "it lost half", "too rare real", ("R1 and R2", "restart")
)
CHANGE = {"what": "gamma", "before": "0", "after": "0.1", "why": "a flatter discriminator"}
VERSIONS = {"gan_lightning": "0.1", "lightning": "2.6.6", "torch": "2.8", "python": "3.11.7"}


def write_losses(folder: Path, rows: int = 50, every: int = 20, **columns: str) -> Path:
    """Write a ``metrics.csv``; columns are values in a name, the same in all rows."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["d/loss", "g/loss", *columns, "step"]
    lines = [[1.3 - 0.001 * (i % 7), 0.7 + 0.001 * (i % 5), *columns.values(), every * i] for i in range(rows)]
    text = [",".join(names), *(",".join(map(str, line)) for line in lines)]
    (folder / "metrics.csv").write_text("\n".join(text) + "\n")
    return folder


def watch(folder: Path, *verdicts: Verdict, over: int | None = None, ended: str | None = "finished") -> Path:
    """Add the events of a monitor that checked ten times; verdicts end at ``over`` unless it is None."""
    events = EventFile(folder / "health.jsonl", "HealthMonitor")
    events.write("start", 0, module="my.GAN", versions=VERSIONS, ranks=1, every=100, samples=512)
    for at in range(100, 1001, 100):
        events.write(
            "check", at, values={"bins/tv": 1 / at, "bins/tv_real": 0.1, "d/gradient": at / 7, "bins/hop": None}
        )
    for verdict in verdicts:
        events.write("verdict", **{**verdict.as_dict(), "iteration": verdict.iteration})
        if over is not None:
            events.write("remedy", 800, doing="applied", remedy="R1 + R2", against=verdict.kind, change=CHANGE)
            events.write("over", over, kind=verdict.kind, onset=verdict.onset)
    if ended is not None:
        events.write("summary", 1000, checks=10, ended=ended, verdicts=[])
    return folder


def draw(folder: Path, num: int = 3, side: int = 32) -> Path:
    """Add pictures after 100, 200 ... iterations, and the last one."""
    (folder / "media").mkdir(parents=True, exist_ok=True)
    for i in range(1, num + 1):
        picture = Image.effect_noise((side, side), 10 * i).convert("RGB")
        picture.save(folder / "media" / f"samples-{100 * i - 1:07d}.png")
    picture.save(folder / "samples.png")
    return folder


def evaluate(folder: Path) -> Path:
    """Add what an evaluation measured, and half a line of one that was killed."""
    facts = {"n_fake": 1000, "n_real": 1000, "resize": None, "embedder": "flat"}
    lines = [
        {"iteration": at, "metric": "fid", "values": {"fid": at / 3}, "floors": {"fid": 1.5}, "facts": facts}
        for at in (500, 1000)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"iteration": 12')
    return folder


def configure(folder: Path, lr: float) -> Path:
    """Add a configuration file."""
    (folder / "config.yaml").write_text(
        "# lightning.pytorch==2.6.6\nmodel:\n  class_path: my.GAN\n  init_args:\n"
        f"    lr: {lr}\n    width: 64\n    unset: null\ntrainer:\n  callbacks:\n  - class_path: my.SampleGrid\n"
        "    init_args:\n      every: 100\n"
    )
    return folder


def whole(folder: Path, *verdicts: Verdict, lr: float = 0.1, over: int | None = None) -> Path:
    """Write a run that has all of it."""
    return configure(evaluate(draw(watch(write_losses(folder), *verdicts, over=over))), lr)
