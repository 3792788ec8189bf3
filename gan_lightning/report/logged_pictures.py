"""Pictures that only a logger has: in TensorBoard's event files, or among the files of a wandb run."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from gan_lightning.health.logs import Run
from gan_lightning.health.logs.wandb_log import steps_in

Image = Path | bytes
"""A file, or what would be in it."""
Pictures = dict[str, dict[int, Image]]
"""By name and iteration, counted after the batch."""
WANDB_NAME = re.compile(r"(.+)_(\d+)_[0-9a-f]+\.png")


def logged_pictures(run: Run) -> Pictures:
    """Return the pictures of a run; none of a logger that is not installed here."""
    found: Pictures = {}
    for kind, read in (("TensorBoard", _of_tensorboard), ("wandb", _of_wandb)):
        if kind in run.files:
            try:
                found |= read(run.files[kind])
            except ModuleNotFoundError:
                continue
    return found


def _of_tensorboard(file: Path) -> Pictures:
    reader: Any = import_module("tensorboard.backend.event_processing.event_accumulator")
    events = reader.EventAccumulator(str(file.parent), size_guidance={"images": 0}).Reload()
    return {
        name.replace("/", "-"): {int(each.step) + 1: each.encoded_image_string for each in events.Images(name)}
        for name in events.Tags()["images"]
    }


def _of_wandb(file: Path) -> Pictures:
    folder, found = file.parent / "files" / "media" / "images", Pictures()
    steps: dict[int, int] = {}
    for picture in sorted(folder.rglob("*.png")):
        named = WANDB_NAME.fullmatch(picture.relative_to(folder).as_posix().replace("/", "-"))
        steps = steps or steps_in(file)
        if named and int(named[2]) in steps:
            found.setdefault(named[1], {})[steps[int(named[2])] + 1] = picture
    return found
