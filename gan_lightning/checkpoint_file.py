"""What is said of a checkpoint file that cannot be read, and which files beside it can be."""

import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn


@contextmanager
def explained(path: Any) -> Iterator[None]:
    """Say what is wrong with a checkpoint that could not be loaded, and what to do.

    Raises:
        ValueError: if the file is cut off, or no checkpoint.
        pickle.UnpicklingError: if it holds more than plain data.
    """
    try:
        yield
    except Exception as error:
        file = Path(path) if isinstance(path, str | os.PathLike) else None
        if file is not None and file.is_dir():
            raise ValueError(
                f"{str(path)!r} is a folder, as sharded ranks save one: make one file of it by "
                "gan_lightning.join_checkpoint(folder, file)"
            ) from error
        is_whole = file is None or not file.is_file() or zipfile.is_zipfile(file)
        asked = re.search(r"GLOBAL ([\w.]+)", str(error))
        if isinstance(error, pickle.UnpicklingError) and (asked or is_whole):
            what = f"it asks for {asked[1]}" if asked else "a pickle of another kind"
            raise pickle.UnpicklingError(
                f"the checkpoint {str(path)!r} is refused: it holds more than tensors and plain data ({what}), and "
                "such a file can run any code while it is loaded. Nothing of it was run. Only if you know who made it, "
                "and trust them, load it with weights_only=False"
            ) from error
        if file is not None and not is_whole and not isinstance(error, TypeError):  # that is of the arguments
            _refuse_what_is_not_whole(file, error)
        raise


def _refuse_what_is_not_whole(file: Path, error: Exception) -> NoReturn:
    with open(file, "rb") as stream:
        begins = stream.read(2)
    what = f"is cut off after {file.stat().st_size} bytes" if b"PK".startswith(begins) else "is no checkpoint"
    others = [f"{str(other)!r}" for other in whole_checkpoints(file.parent) if other != file][:3]
    advice = f"whole ones beside it, the newest first: {', '.join(others)}" if others else "there is none beside it"
    raise ValueError(f"{str(file)!r} {what}; {advice}") from error


def whole_checkpoints(folder: Path) -> list[Path]:
    """Return the folder's checkpoints, the newest first; a zip file that was cut off lacks its end."""
    whole = [file for file in folder.glob("*.ckpt") if file.is_file() and zipfile.is_zipfile(file)]
    return sorted(whole, key=lambda file: file.stat().st_mtime, reverse=True)
