"""The generator of the best figure so far, on disk."""

import json
import os
from collections.abc import Callable
from math import isfinite, nan
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn

from gan_lightning.callbacks.generator_ema import GeneratorEMA, averaged_generator
from gan_lightning.distributed import whole
from gan_lightning.logging import announce, log_artifact, run_folder
from gan_lightning.logging.spared import spared
from gan_lightning.probe import path_of

WEIGHTS, DETAILS = "best_generator.pt", "best_generator.json"


class BestGenerator:
    """Keeps the weights of the best figure so far in a file, and what they are in another beside it.

    Args:
        monitor: name of the figure, as Lightning logs it.
        mode: ``"min"`` if lower is better, or ``"max"``.

    Example:
        >>> best = BestGenerator("metrics/fid", "min")
        >>> best.improves(20.0), best.improves(float("nan")), best.improves(None)
        (True, False, False)
    """

    def __init__(self, monitor: str, mode: Literal["min", "max"]) -> None:
        self.monitor, self.mode = monitor, mode
        self.value: float | None = None
        self.details: dict[str, Any] = {}
        self.folder: Path | None = None

    def __str__(self) -> str:
        where = "" if self.folder is None else f": {self.folder / WEIGHTS}"
        return f"{self.monitor} {self.value:.4g} at iteration {self.details['iteration']:,}{where}"

    @property
    def files(self) -> list[Path]:
        """Weights and details, of what was kept and is still there."""
        found = [] if self.folder is None else [self.folder / WEIGHTS, self.folder / DETAILS]
        return [file for file in found if file.exists()]

    def improves(self, value: Tensor | float | None) -> bool:
        """Tell whether a figure is better than all before; one that is not finite, or not there, is not."""
        found = nan if value is None else float(value)
        if not isfinite(found) or self.value is None:
            return isfinite(found)
        return found < self.value if self.mode == "min" else found > self.value

    def look(self, trainer: Trainer, network: nn.Module, *, iteration: int, images: int) -> None:
        """Keep the generator if what was logged last is better; call it on all ranks.

        Args:
            trainer: that runs; its ``GeneratorEMA``, if there is one, has the weights to keep.
            network: the generator.
            iteration: after which it is looked at.
            images: seen so far.
        """
        found = trainer.callback_metrics.get(self.monitor)
        value = trainer.strategy.broadcast(float(found) if found is not None and self.improves(found) else None)
        if value is None:
            return
        folder = run_folder(trainer)
        with averaged_generator(trainer) as is_average, spared(self, "keep the best generator"):
            # on all ranks, for none has the whole of a sharded generator
            tensors = {name: whole(tensor).detach().cpu() for name, tensor in network.state_dict().items()}
            self.value = value
            self.details = {"monitor": self.monitor, "mode": self.mode, "value": value, "iteration": iteration}
            self.details |= {"images": images, **_origin_of(trainer, network, is_average)}
            if trainer.is_global_zero:
                self._write(tensors, folder)

    def hand_over(self, trainer: Trainer) -> None:
        """At the end, give what was kept, in this fit or one that it went on from, to the loggers."""
        if self.value is None:
            seen = ", ".join(sorted(trainer.callback_metrics)) or "nothing"
            rank_zero_warn(
                f"no generator was kept, for {self.monitor} was never logged as a finite number; logged: {seen}"
            )
        elif self.files:
            log_artifact(trainer, "generator", self.files, self.details)
            announce(trainer, f"Best generator: {self}")

    def _write(self, tensors: dict[str, Tensor], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / WEIGHTS, lambda file: torch.save(tensors, file))
        _replace(folder / DETAILS, lambda file: file.write_text(json.dumps(self.details, indent=2) + "\n"))
        self.folder = folder

    def state_dict(self) -> dict[str, Any]:
        folder = None if self.folder is None else str(self.folder)
        return {"value": self.value, "details": dict(self.details), "folder": folder}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.value, self.details = state["value"], dict(state["details"])
        self.folder = None if state["folder"] is None else Path(state["folder"])


def _origin_of(trainer: Trainer, network: nn.Module, is_average: bool) -> dict[str, Any]:
    """Return, in plain data, which weights of which network these are, and all figures that are known of them."""
    callbacks: list[Any] = trainer.callbacks  # type: ignore[attr-defined]
    half_life = next((each.half_life_kimg for each in callbacks if isinstance(each, GeneratorEMA)), None)
    figures = {name: float(value) for name, value in trainer.callback_metrics.items() if value.numel() == 1}
    return {
        "weights": f"average, half-life {half_life:g} kimg" if is_average else "as trained",
        "generator": path_of(trainer.lightning_module, network),
        "class": f"{type(network).__module__}.{type(network).__qualname__}",
        "figures": {name: value for name, value in figures.items() if isfinite(value)},
    }


def _replace(file: Path, write: Callable[[Path], Any]) -> None:
    """Write a file whole or not at all."""
    fresh = file.with_suffix(".tmp")
    write(fresh)
    os.replace(fresh, file)
