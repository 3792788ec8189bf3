"""Checkpoint files that are whole or not there."""

import os
import re
import socket
import time
from pathlib import Path
from typing import Any, NoReturn

import torch
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.fabric.utilities.cloud_io import _is_local_file_protocol, get_filesystem
from lightning.pytorch.core.saving import _load_from_checkpoint
from lightning.pytorch.plugins.io.wrapper import _WrappingCheckpointIO
from lightning.pytorch.strategies import Strategy
from lightning.pytorch.utilities.model_helpers import _restricted_classmethod

from gan_lightning.checkpoint_file import explained, whole_checkpoints

SUFFIX = ".unfinished"
FORGOTTEN = 3600.0
"""Seconds after which an unfinished file of another machine belongs to nobody: who still writes touches it."""


class AtomicCheckpointIO(TorchCheckpointIO):
    """Write each checkpoint beside its place and move it there when it is on the disk.

    A process that is killed while it saves, or a full disk, then leaves the checkpoint of before, whole. What a killed
    process has begun (``*.unfinished``) is removed at the next save in that folder. The modules of this package do so
    without being told; other modules need ``Trainer(plugins=[AtomicCheckpointIO()])``. Remote file systems are left to
    Lightning's own way.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if the file that is loaded is cut off or no checkpoint.
        pickle.UnpicklingError: if it holds more than plain data, which could run code; nothing of it is run.

    Example:
        >>> saving = AtomicCheckpointIO()
        >>> saving.save_checkpoint({"iteration": 3}, "runs/last.ckpt")
        >>> saving.load_checkpoint("runs/last.ckpt")
        {'iteration': 3}
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        if storage_options is None and _is_local_file_protocol(path):
            _write(checkpoint, Path(get_filesystem(path)._strip_protocol(str(path))))
        else:
            super().save_checkpoint(checkpoint, path, storage_options)

    def load_checkpoint(
        self, path: str | Path, map_location: Any = "cpu", weights_only: bool | None = None
    ) -> dict[str, Any]:
        with explained(path):
            return super().load_checkpoint(path, map_location, weights_only is not False)


def save_atomically(strategy: Strategy) -> None:
    """Let a strategy write checkpoints atomically, unless the user has chosen another way."""
    used = strategy.checkpoint_io
    if type(used) is TorchCheckpointIO:
        strategy.checkpoint_io = AtomicCheckpointIO()
    elif isinstance(used, _WrappingCheckpointIO) and type(used.checkpoint_io) is TorchCheckpointIO:
        used._checkpoint_io = AtomicCheckpointIO()  # its setter takes one only where there is none


@_restricted_classmethod  # type: ignore[misc]  # AdversarialModule makes a method of it
def load_from_checkpoint(
    cls: Any,
    checkpoint_path: Any,
    map_location: Any = None,
    hparams_file: Any = None,
    strict: bool | None = None,
    weights_only: bool | None = True,
    **arguments: Any,
) -> Any:
    """Build the module from a checkpoint, as Lightning does, from plain data only unless told otherwise.

    Args:
        cls: the class that made the checkpoint.
        checkpoint_path: the file.
        map_location: to which device; by default as it was saved, or the CPU.
        hparams_file: a YAML file with the constructor's arguments, in the place of those in the checkpoint.
        strict: whether the names in the file must be those of the module; by default as the module says.
        weights_only: False lets the file run any code.
        arguments: what the constructor takes and the file does not hold, such as networks.

    Raises:
        ValueError: if the file is cut off, or no checkpoint.
        pickle.UnpicklingError: if it holds more than plain data, and ``weights_only`` is not False.
    """
    plain = weights_only is not False
    with explained(checkpoint_path):
        return _load_from_checkpoint(cls, checkpoint_path, map_location, hparams_file, strict, plain, **arguments)


def _write(checkpoint: dict[str, Any], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    _remove_forgotten(file.parent)
    part = file.with_name(f"{file.name}.{socket.gethostname()}.{os.getpid()}{SUFFIX}")
    try:
        with open(part, "wb") as stream:
            torch.save(checkpoint, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    except BaseException as error:
        part.unlink(missing_ok=True)
        cause = _os_error(error)
        if cause is None:
            raise
        _say_it_was_not_saved(file, cause)


def _say_it_was_not_saved(file: Path, cause: OSError) -> NoReturn:
    whole = whole_checkpoints(file.parent)
    kept = f"what was saved before is untouched, the last is {whole[0].name!r}" if whole else "none was saved before"
    raise OSError(
        cause.errno,
        f"the checkpoint was not saved, because of {str(cause.strerror or cause)!r}; {kept}. Make room, keep "
        "fewer checkpoints (save_top_k), or choose another folder (dirpath), and go on with fit(ckpt_path=...)",
        str(file),
    ) from cause


def _os_error(error: BaseException) -> OSError | None:
    """Find what the system said: torch may hide it behind an error of its own, about a position in the file."""
    said = error.__context__ if isinstance(error, RuntimeError) else error
    return said if isinstance(said, OSError) else None


def _remove_forgotten(folder: Path) -> None:
    for part in folder.glob(f"*{SUFFIX}"):
        named = re.fullmatch(r".+\.(\d+)", part.name.removesuffix(SUFFIX))
        if named and _is_forgotten(part, int(named[1])):
            part.unlink(missing_ok=True)


def _is_forgotten(part: Path, pid: int) -> bool:
    if part.name.endswith(f".{socket.gethostname()}.{pid}{SUFFIX}") and not _lives(pid):
        return True
    try:
        return time.time() - part.stat().st_mtime > FORGOTTEN
    except FileNotFoundError:
        return False


def _lives(pid: int) -> bool:
    if os.name != "posix":
        return True  # elsewhere, to ask is to kill
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
