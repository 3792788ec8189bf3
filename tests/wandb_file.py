"""What an offline run of Weights & Biases has left on disk."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gan_lightning.health.logs.wandb_log import records


def wandb_environment(folder: Path) -> dict[str, str]:
    """Return the settings that keep all of wandb's files in a folder, and wandb quiet."""
    named = ("WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR")
    return {**{name: str(folder / name) for name in named}, "WANDB_SILENT": "true", "WANDB_MODE": "offline"}


class WandbFile:
    """The records of the one run below a folder, once wandb's own process has ended."""

    def __init__(self, folder: Path) -> None:
        from wandb.proto import wandb_internal_pb2

        (file,) = folder.rglob("run-*.wandb")
        self.media = file.parent / "files"
        self.records: list[Any] = []
        for data in records(file.read_bytes()):
            record: Any = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            self.records.append(record)

    def of(self, kind: str) -> list[Any]:
        return [getattr(each, kind) for each in self.records if each.WhichOneof("record_type") == kind]

    @property
    def history(self) -> list[dict[str, Any]]:
        return [_nested(each.item) for each in self.of("history")]

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in self.of("summary"):
            for item in each.update:
                _put(found, item)
        return found

    def tables(self, name: str) -> list[dict[str, Any]]:
        """Return the tables that were logged under a name, in order."""
        files = [row[name]["path"] for row in self.history if name in row]
        return [json.loads((self.media / file).read_text()) for file in files]

    def artifacts(self, kind: str) -> list[Any]:
        return [each for each in self.of("artifact") if each.type == kind]


def finished(run: Callable[[], Any]) -> Any:
    """Do a run, and return what it does once wandb's file is whole."""
    import wandb

    try:
        return run()
    finally:
        wandb.finish()
        wandb.teardown()
        os.environ.pop("WANDB_SERVICE", None)


def _nested(items: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        _put(found, item)
    return found


def _put(found: dict[str, Any], item: Any) -> None:
    *path, last = [item.key] if item.key else list(item.nested_key)
    for part in path:
        inner = found.get(part)
        found[part] = inner if isinstance(inner, dict) else {}
        found = found[part]
    found[last] = json.loads(item.value_json)
