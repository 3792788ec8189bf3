"""The command line: ``gan-lightning fit | validate | sample | export | diagnose | report``."""

from gan_lightning.cli.main import GANCLI, main

__all__ = ["GANCLI", "main"]
