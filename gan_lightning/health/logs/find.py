"""Where in a folder runs have left their logs."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

FILES = {
    "health.jsonl": re.compile(r"health\.jsonl"),
    "CSV": re.compile(r"metrics\.csv"),
    "TensorBoard": re.compile(r"events\.out\.tfevents\..+"),
    "wandb": re.compile(r"run-.+\.wandb"),
}
"""Kinds of logs by their files' names, the best first."""

ENDINGS = {".jsonl": "health.jsonl", ".csv": "CSV", ".wandb": "wandb"}
"""Kinds of files that are named themselves, which may have other names."""

WANDB_FOLDER = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-(.+)")
"""Folder of a wandb run; the run's other files, if it has any, lie in a folder with its id as a name."""


@dataclass(frozen=True, slots=True)
class Run:
    """The logs of one run.

    Args:
        folder: where they lie.
        files: one of each kind, in the order in which they are to be read.
        changed: when the newest of them was written, in seconds.
    """

    folder: Path
    files: dict[str, Path]
    changed: float


def find_runs(place: Path) -> list[Run]:
    """Return the runs of a folder and its sub folders, or that of a single file, the newest first.

    Logs in the folder itself come before those of sub folders.

    Raises:
        ValueError: if there is nothing of the kind.
    """
    if not place.exists():
        raise ValueError(f"there is no {str(place)!r}: name a run's folder, such as lightning_logs/version_0")
    if place.is_file():
        kind = _kind(place) or ENDINGS.get(place.suffix)
        if kind is None:
            raise ValueError(f"{str(place)!r} is no log: expected a folder, or a .jsonl, .csv, .wandb or tfevents file")
        return [_run(place.parent, {kind: [place]})]
    files = [Path(at, name) for at, _, names in os.walk(place) for name in names]
    groups: dict[Path, dict[str, list[Path]]] = {}
    for file in files:
        kind = _kind(file)
        if kind is not None:
            groups.setdefault(file.parent, {}).setdefault(kind, []).append(file)
    if not groups:
        raise ValueError(
            f"{str(place)!r} holds no log of a run: looked for health.jsonl, metrics.csv, TensorBoard's event files "
            "and wandb's run-*.wandb, also in its sub folders"
        )
    _join_wandb(groups)
    runs = [_run(folder, kinds) for folder, kinds in groups.items()]
    return sorted(runs, key=lambda run: (run.folder != place, -run.changed))


def _kind(file: Path) -> str | None:
    return next((kind for kind, pattern in FILES.items() if pattern.fullmatch(file.name)), None)


def _join_wandb(groups: dict[Path, dict[str, list[Path]]]) -> None:
    """Put wandb's files to the other files of the same run, where there is one folder with the run's id as a name."""
    for folder in list(groups):
        named = WANDB_FOLDER.fullmatch(folder.name)
        homes = [other for other in groups if named and other.name == named[1]]
        if len(homes) == 1:
            for kind, files in groups.pop(folder).items():
                groups[homes[0]].setdefault(kind, []).extend(files)


def _run(folder: Path, kinds: dict[str, list[Path]]) -> Run:
    newest = {kind: max(files, key=_changed) for kind, files in kinds.items()}
    return Run(folder, {kind: newest[kind] for kind in FILES if kind in newest}, max(map(_changed, newest.values())))


def _changed(file: Path) -> float:
    return file.stat().st_mtime
