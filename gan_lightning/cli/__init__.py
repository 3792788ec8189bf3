"""The command line: ``gan-lightning fit | validate | sample``."""

from gan_lightning.cli.main import GANCLI, main

__all__ = ["GANCLI", "main"]
