"""The command line: ``gan-lightning fit | validate | sample | diagnose``."""

from gan_lightning.cli.main import GANCLI, main

__all__ = ["GANCLI", "main"]
