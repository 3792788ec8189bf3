"""LightningCLI, with classes by short name, ``--with``, sizes from the data, and errors that say what to do."""

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from itertools import product
from typing import Any

from jsonargparse import auto_cli
from lightning.pytorch import LightningDataModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from gan_lightning._version import __version__
from gan_lightning.callbacks import GANProgressBar
from gan_lightning.checkpoint_file import explained
from gan_lightning.cli.diagnose import diagnose
from gan_lightning.cli.export import export
from gan_lightning.cli.failure import sentence_for
from gan_lightning.cli.named_model import names_argument
from gan_lightning.cli.report import report
from gan_lightning.cli.sample import sample
from gan_lightning.cli.save_config import SaveConfig
from gan_lightning.cli.with_option import expand_with
from gan_lightning.gan import GAN

PLUGINS = "gan_lightning.plugins"
"""Entry points of this group are imported first, so that their classes have short names too."""

DESCRIPTION = (
    "Train, check and sample GANs, as in `gan-lightning fit --model DCGAN --data Digits --with R1`. "
    "Samples from a checkpoint: `gan-lightning sample --help`. Its generator for others: "
    "`gan-lightning export --help`. What is wrong with a run or a module: `gan-lightning diagnose --help`. "
    "A page about a run: `gan-lightning report --help`."
)
NOISE = (
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
    r"Starting from v1\.9\.0, `tensorboardX` has been removed",
    r"The number of training batches .* is smaller than the logging interval",
)
"""Lightning's own warnings at every run, which the user of a command cannot act upon."""


class GANCLI(LightningCLI):
    """A thin LightningCLI: the model is any ``GAN``, the data any ``LightningDataModule``.

    What the data know is linked to what the model asks, unless the user sets it: ``shape`` and ``num_classes``, of a
    recipe or of its networks.

    Raises:
        argparse.ArgumentError: if the arguments or a configuration file are wrong.
    """

    def __init__(self) -> None:
        super().__init__(
            GAN,
            LightningDataModule,
            subclass_mode_model=True,
            subclass_mode_data=True,
            auto_configure_optimizers=False,
            seed_everything_default=0,
            save_config_callback=SaveConfig,
            parser_kwargs={"prog": "gan-lightning", "description": DESCRIPTION, "version": __version__},
        )

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        return {name: LightningCLI.subcommands()[name] for name in ("fit", "validate")}

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:
        kwargs |= {"exit_on_error": False, "allow_abbrev": False}
        return super().init_parser(**kwargs)

    def _parse_ckpt_path(self) -> None:
        # Lightning reads the checkpoint here already, for the constructor's arguments.
        asked = self.config.get(str(self.config.get("subcommand"))) or {}
        with explained(asked.get("ckpt_path")):
            super()._parse_ckpt_path()

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        wanted = self._get(self.config_init, "trainer")
        callbacks = wanted.callbacks or []
        callbacks = callbacks if isinstance(callbacks, list) else [callbacks]
        shown = wanted.enable_progress_bar is not False and not wanted.barebones
        if shown and not any(isinstance(callback, ProgressBar) for callback in callbacks):
            callbacks = [*callbacks, GANProgressBar()]
        return super().instantiate_trainer(callbacks=callbacks, **kwargs)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        networks = [name for name in ("generator", "discriminator") if names_argument(sys.argv[1:], name)]
        askers = ["model", *(f"model.init_args.{network}" for network in networks)]
        unset = (asked for asked in ("shape", "num_classes") if not names_argument(sys.argv[1:], asked))
        for asked, asker in product(unset, askers):
            parser.link_arguments(f"data.{asked}", f"{asker}.init_args.{asked}", apply_on="instantiate")


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; a mistake ends it with a sentence and status 2, a diagnosis of failure with status 1.

    Args:
        args: as after ``gan-lightning``; by default the process's own.
    """
    argv = list(sys.argv[1:] if args is None else args)
    for message in NOISE:
        warnings.filterwarnings("ignore", message=message)
    _import_all()
    try:
        if argv[:1] in (["sample"], ["export"]):
            command = sample if argv[0] == "sample" else export
            auto_cli(
                command,
                args=argv[1:],
                as_positional=False,
                prog=f"gan-lightning {argv[0]}",
                exit_on_error=False,
                config_help="a YAML file of this command's own options, which a run's config.yaml is not",
            )
        elif argv[:1] == ["diagnose"]:
            if diagnose(argv[1:]):
                sys.exit(1)
        elif argv[:1] == ["report"]:
            report(argv[1:])
        else:
            sys.argv[1:] = expand_with(argv)
            GANCLI()
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        print(f"gan-lightning: {sentence}", file=sys.stderr)
        sys.exit(2)


def _import_all() -> None:
    """Load every class that a short name may mean."""
    for home in ("callbacks", "data", "gans", "health", "losses", "mixins", "networks"):
        import_module(f"gan_lightning.{home}")
    for plugin in entry_points(group=PLUGINS):
        plugin.load()
