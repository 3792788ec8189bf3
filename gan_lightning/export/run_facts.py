"""What a run's folder tells of the run that made a generator: configuration, metrics, verdicts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from lightning.pytorch import LightningModule

from gan_lightning.health.events import FILE as HEALTH
from gan_lightning.health.events import read_events
from gan_lightning.logging import run_folder
from gan_lightning.rebuilt import read_checkpoint

METRICS = "metrics.jsonl"


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run; what is not is empty.

    Args:
        folder: of the run.
        trained: iterations, or a foreign module's optimizer steps, by that name.
        config: the configuration file.
        metrics: the last line of each metric.
        verdicts: those of the monitors, in plain data, with ``end``; None if no monitor left a file.
    """

    folder: Path | None = None
    trained: dict[str, int] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    verdicts: list[dict[str, Any]] | None = None


def run_of(module: LightningModule, ckpt_path: str | Path | None, config: str | Path | None) -> RunFacts:
    """Read the folder that a checkpoint lies in, or that of the module's trainer.

    Raises:
        FileNotFoundError: if ``config`` is given, and is not there.
    """
    folder = _folder(module, ckpt_path)
    trained = {}
    if ckpt_path is not None:
        checkpoint = read_checkpoint(ckpt_path)
        iteration = checkpoint.get("gan_lightning", {}).get("iteration")
        counted = ("steps", checkpoint.get("global_step")) if iteration is None else ("iterations", iteration)
        trained = {counted[0]: int(counted[1])} if counted[1] is not None else {}
    elif (iteration := getattr(module, "iteration", None)) is not None:
        trained = {"iterations": int(iteration)}
    file = Path(config) if config is not None else None if folder is None else folder / "config.yaml"
    if config is not None and not Path(config).is_file():
        raise FileNotFoundError(f"there is no configuration {str(config)!r}")
    found = yaml.safe_load(file.read_text(encoding="utf-8")) if file is not None and file.is_file() else None
    return RunFacts(
        folder,
        trained,
        found if isinstance(found, dict) else {},
        [] if folder is None else _last_of_each(folder / METRICS),
        None if folder is None or not (folder / HEALTH).is_file() else list(_verdicts(read_events(folder))),
    )


def _folder(module: LightningModule, ckpt_path: str | Path | None) -> Path | None:
    if ckpt_path is not None:
        home = Path(ckpt_path).resolve().parent
        return home.parent if home.name == "checkpoints" else home
    return None if module._trainer is None else run_folder(module.trainer)


def _last_of_each(file: Path) -> list[dict[str, Any]]:
    """Return the last line of each metric; lines that are cut off are left out."""
    last: dict[str, dict[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            found = json.loads(line)
            last[found["metric"]] = {"iteration": found["iteration"], **found}
        except (ValueError, KeyError, TypeError):
            continue
    return list(last.values())


def _verdicts(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each verdict once, at its worst, with the iteration at which it was over, or None."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for event in events:
        key = (event.get("monitor"), event.get("kind"), event.get("onset"))
        if event["event"] == "verdict":
            found[key] = {**event, "end": None}
        elif event["event"] == "over" and key in found:
            found[key]["end"] = event["iteration"]
    yield from found.values()
