"""What runs were told, and where they ran: tables in which differences stand out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gan_lightning.report.record import Record

FILES = ("config.yaml", "hparams.yaml")
"""The whole configuration, or what a module keeps of its arguments."""
LIGHTNING = re.compile(r"# lightning\.pytorch==(\S+)")
ABSENT = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """A setting, and its value in each run."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs do not agree."""
        return len(set(self.values)) > 1


def table(runs: Sequence[Mapping[str, str]]) -> list[Row]:
    """Return all settings, those that differ first.

    Example:
        >>> [(row.name, row.values) for row in table([{"seed": "0", "lr": "1"}, {"seed": "0", "lr": "2"}])]
        [('lr', ('1', '2')), ('seed', ('0', '0'))]
    """
    names = dict.fromkeys(name for run in runs for name in run)
    rows = [Row(name, tuple(run.get(name, ABSENT) for run in runs)) for name in names]
    return sorted(rows, key=lambda row: not row.differs)


def configuration_of(folder: Path) -> tuple[dict[str, str], str]:
    """Return the settings of a run by dotted names, without those left unset, and what could not be read."""
    for file in (folder / name for name in FILES):
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            settings = flat(yaml.safe_load(text))
        except yaml.YAMLError as error:
            return {file.name: text}, f"{file.name} is shown as it is, for it cannot be read: {type(error).__name__}"
        if settings:
            return settings, ""
    return {}, f"{' and '.join(FILES)} are not there, or empty"


def environment_of(record: Record) -> dict[str, str]:
    """Return where and when a run took place, as far as its files tell."""
    found: dict[str, str] = {}
    config = record.folder / FILES[0]
    noted = LIGHTNING.search(config.read_text(encoding="utf-8", errors="replace")) if config.is_file() else None
    if noted:
        found["lightning"] = noted[1]
    for start in record.starts:
        found |= {str(name): str(version) for name, version in (start.get("versions") or {}).items()}
        facts = {"module": "module", "processes": "ranks", "check every": "every", "samples per check": "samples"}
        found |= {title: str(start[name]) for title, name in facts.items() if name in start}
        networks = start.get("networks") or {}
        found |= {str(player): ", ".join(map(str, paths)) for player, paths in networks.items()}
    again = sorted({start["iteration"] for start in record.starts if start["iteration"]})
    if again:
        found["taken up again at"] = ", ".join(f"{at:,}" for at in again)
    return found


def flat(value: Any, name: str = "") -> dict[str, str]:
    """Return nested settings by dotted names; classes of a list go by their own names, and nulls are left out.

    Example:
        >>> flat({"callbacks": [{"class_path": "a.SampleGrid", "init_args": {"every": 5}}], "model": {"lr": None}})
        {'callbacks.SampleGrid': 'a.SampleGrid', 'callbacks.SampleGrid.every': '5'}
    """
    if isinstance(value, Mapping):
        found = {name: str(value["class_path"])} if "class_path" in value else {}
        inner = {**value, **(value.get("init_args") or {})} if "class_path" in value else value
        for key, item in inner.items():
            if not ("class_path" in value and key in ("class_path", "init_args")):
                found |= flat(item, f"{name}.{key}" if name else str(key))
        return found
    if isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        return {key: text for part, item in _called(value) for key, text in flat(item, f"{name}.{part}").items()}
    return {} if value is None else {name or "value": str(value)}


def _called(items: Sequence[Any]) -> list[tuple[str, Any]]:
    """Return list items with a name for each that is its own."""
    named: dict[str, Any] = {}
    for place, item in enumerate(items):
        path = item.get("class_path") if isinstance(item, Mapping) else None
        name = str(path).rpartition(".")[2] if path else str(place)
        named[name if name not in named else f"{name}[{place}]"] = item
    return list(named.items())
