"""Whatever log a run has, the best there is."""

from collections.abc import Callable
from pathlib import Path

from gan_lightning.health.logs.csv_log import read_csv
from gan_lightning.health.logs.find import Run
from gan_lightning.health.logs.health_log import read_health
from gan_lightning.health.logs.log import Log
from gan_lightning.health.logs.tensorboard_log import read_tensorboard
from gan_lightning.health.logs.wandb_log import read_wandb

READERS: dict[str, Callable[[Path], Log]] = {
    "health.jsonl": read_health,
    "CSV": read_csv,
    "TensorBoard": read_tensorboard,
    "wandb": read_wandb,
}


def read_run(run: Run) -> Log:
    """Return the first log of a run that holds any numbers.

    Raises:
        ValueError: if none does, or the only one cannot be read.
    """
    refused: ValueError | None = None
    for kind, file in run.files.items():
        try:
            log = READERS[kind](file)
        except ValueError as error:
            refused = error
            continue
        if log.series:
            return log
    if refused is not None:
        raise refused
    raise ValueError(f"{', '.join(map(str, run.files.values()))}: no numbers in it; did the run log anything?")
