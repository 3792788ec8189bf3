"""One run: a row and a seed in, its figures out. It is ``gan-lightning fit`` with the row's configurations."""

import os
import platform
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import torch
from lightning.pytorch.cli import LightningArgumentParser
from mixture_rows import Row
from mode_curve import ModeCurve

from gan_lightning.cli.main import GANCLI

SILENT = {
    "trainer.logger": "false",
    "trainer.enable_checkpointing": "false",
    "trainer.enable_progress_bar": "false",
    "trainer.enable_model_summary": "false",
}


class MeasuredCLI(GANCLI):
    """The command line with the protocol's measurements added to the run."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        super().add_arguments_to_parser(parser)
        parser.add_lightning_class_args(ModeCurve, "curve")


def train(row: Row, seed: int, **options: str) -> dict[str, Any]:
    """Train from scratch and return what was measured.

    Args:
        row: which configurations.
        seed: of the weights, the batches and the measured latents.
        options: of the command line, in the place of what the configurations say.
    """
    torch.set_num_threads(1)
    begin = process_time()
    cli = fit(row, seed, **options)
    curve = next(each for each in cli.trainer.callbacks if isinstance(each, ModeCurve))  # type: ignore[attr-defined]
    return {
        "row": row.name,
        "seed": seed,
        "iterations": cli.model.iteration,
        "cpu_seconds": round(process_time() - begin, 1),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "seen": curve.seen,
        "seen_raw": curve.seen_raw,
    }


def fit(row: Row, seed: int, **options: str) -> GANCLI:
    """Run ``gan-lightning fit`` with a row's configurations, in a folder that is thrown away."""
    seeds = dict.fromkeys(("seed_everything", "data.init_args.seed", "curve.seed"), str(seed))
    configs = [f"--config={config}" for config in row.configs]
    arguments = [f"--{name}={value}" for name, value in {**seeds, **SILENT, **options}.items()]
    here, before = Path.cwd(), sys.argv
    with warnings.catch_warnings(), TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        try:
            os.chdir(folder)
            sys.argv = ["gan-lightning", "fit", *configs, *arguments]
            return MeasuredCLI()
        finally:
            os.chdir(here)
            sys.argv = before
