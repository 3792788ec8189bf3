"""TensorBoard's event files, of one folder together."""

from importlib import import_module
from pathlib import Path
from typing import Any

from gan_lightning.health.logs.log import Log


def read_tensorboard(path: Path) -> Log:
    """Read the scalars of the folder that an event file lies in.

    Raises:
        ValueError: if TensorBoard, which is no dependency of this package, is not installed.
    """
    try:
        reader: Any = import_module("tensorboard.backend.event_processing.event_accumulator")
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{path.parent} holds only TensorBoard's event files, and reading them needs TensorBoard: "
            "pip install tensorboard"
        ) from error
    events = reader.EventAccumulator(str(path.parent), size_guidance={"scalars": 0}).Reload()
    names = [name for name in events.Tags()["scalars"] if name not in ("epoch", "hp_metric")]
    series = {name: {int(each.step): float(each.value) for each in events.Scalars(name)} for name in names}
    return Log(path.parent, "step", {name: dict(sorted(each.items())) for name, each in series.items()})
