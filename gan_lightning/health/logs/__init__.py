"""What runs leave behind, whoever logged it: the numbers of a run by name and iteration."""

from gan_lightning.health.logs.find import Run, find_runs
from gan_lightning.health.logs.log import Log
from gan_lightning.health.logs.names import recognised
from gan_lightning.health.logs.read import read_run

__all__ = ["Log", "Run", "find_runs", "read_run", "recognised"]
