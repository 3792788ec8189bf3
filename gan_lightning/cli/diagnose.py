"""``gan-lightning diagnose``: what is wrong with a run, from its logs, or with a module, from a short training."""

import json
import sys
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from lightning.pytorch import LightningDataModule, LightningModule, seed_everything

from gan_lightning.cli.explain import nearest
from gan_lightning.cli.target import data_of, module_of
from gan_lightning.health.diagnosis import (
    Examination,
    diagnosis_of,
    examination_report,
    examine,
    examined,
    report,
)

DESCRIPTION = (
    "Say what is wrong with a GAN. With RUN_DIR: from the logs of a run (health.jsonl, metrics.csv, TensorBoard, wandb "
    "offline), also of one without a monitor. With --module and --data, or --config: from a short training of any "
    "Lightning module, which leaves nothing behind."
)
STATUS = "Exit status: 0 if no failure was found, 1 if one was, 2 for wrong use."
LIVE = ("data", "steps", "accelerator", "generator", "discriminator", "seed")


class _Parser(ArgumentParser):
    """Raises what is wrong, as the other commands do."""

    def error(self, message: str) -> NoReturn:
        raise ArgumentError(None, message)


def diagnose(args: Sequence[str]) -> int:
    """Print a diagnosis and return the exit status.

    Args:
        args: as after ``gan-lightning diagnose``.

    Raises:
        argparse.ArgumentError: if they are wrong.
        ValueError: if there is no log, or a module cannot be watched.
    """
    chosen = _parsed(args)
    if chosen.run_dir is None:
        seen = _examination(chosen)
        failed, text, plain = bool(seen.failures), examination_report(seen), examined(seen)
    else:
        found = diagnosis_of(chosen.run_dir, d_loss=chosen.d_loss, g_loss=chosen.g_loss)
        failed, text, plain = bool(found.failures), report(found), found.as_dict()
    print(json.dumps(_plain(plain), allow_nan=False, indent=2) if chosen.json else text)
    return int(failed)


def _parsed(args: Sequence[str]) -> Namespace:
    parser = _arguments()
    chosen, unknown = parser.parse_known_args(args)
    if unknown:
        if not unknown[0].startswith("-"):
            raise ArgumentError(None, f"one run at a time: {chosen.run_dir!r} is one, {unknown[0]!r} another")
        known = [option for action in parser._actions for option in action.option_strings]
        option = unknown[0].partition("=")[0]
        raise ArgumentError(None, f"diagnose has no option {option}; {nearest(option, known)}")
    given = [name for name in ("run_dir", "module", "config") if getattr(chosen, name) is not None]
    if len(given) != 1:
        what = " and ".join(given).replace("module", "--module").replace("config", "--config") or "nothing"
        raise ArgumentError(None, f"name one of RUN_DIR, --module with --data, or --config FILE; got {what}")
    if given == ["run_dir"]:
        stray = [name for name in LIVE if getattr(chosen, name) is not None]
        if stray:
            raise ArgumentError(None, f"--{stray[0]} goes with --module or --config; logs are read as they are")
    if given == ["module"] and chosen.data is None:
        raise ArgumentError(None, "--module needs data: --data pkg.mod:loader")
    return chosen


def _arguments() -> _Parser:
    parser = _Parser(prog="gan-lightning diagnose", description=DESCRIPTION, epilog=STATUS, allow_abbrev=False)
    parser.add_argument("run_dir", nargs="?", help="a run's folder, one above it (the newest run is read), or a log")
    parser.add_argument("--d_loss", help="name of the discriminator's loss in the log, where it is not recognised")
    parser.add_argument("--g_loss", help="likewise of the generator's")
    parser.add_argument("--module", help="pkg.mod:MyGAN, a LightningModule, its class, or a function that makes it")
    parser.add_argument("--data", help="pkg.mod:loader, a loader or data module, or a class or function that makes it")
    parser.add_argument("--config", help="in place of both: a configuration file of `gan-lightning fit`")
    parser.add_argument("--steps", type=int, help="batches to train for (500)")
    parser.add_argument("--accelerator", help="as in trainer.accelerator (auto)")
    parser.add_argument("--generator", help="dotted path of the generator in the module, where its name is unusual")
    parser.add_argument("--discriminator", help="likewise of the discriminator")
    parser.add_argument("--seed", type=int, help="of all random numbers (0)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _examination(chosen: Namespace) -> Examination:
    seed_everything(0 if chosen.seed is None else chosen.seed, verbose=False)
    module, data = _configured(chosen.config) if chosen.config else (module_of(chosen.module), data_of(chosen.data))
    return examine(
        module,
        data,
        500 if chosen.steps is None else chosen.steps,
        accelerator=chosen.accelerator or "auto",
        generator=chosen.generator,
        discriminator=chosen.discriminator,
    )


def _configured(file: str) -> tuple[LightningModule, LightningDataModule | Iterable[Any]]:
    """Build the model and the data of a configuration file."""
    from gan_lightning.cli.main import GANCLI

    class Built(GANCLI):
        def _run_subcommand(self, subcommand: str) -> None:
            """Build only."""

    if not Path(file).is_file():
        raise ArgumentError(None, f"there is no configuration file {file!r}")
    sys.argv[1:] = ["fit", "--config", file]
    built = Built()
    return built.model, built.datamodule


def _plain(value: Any) -> Any:
    """Return nested data as JSON has it: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
