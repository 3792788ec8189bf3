"""Objects that a command line names as ``pkg.mod:name``, and what they are or make."""

import inspect
import sys
from argparse import ArgumentError
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeGuard

from lightning.pytorch import LightningDataModule, LightningModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.cli.explain import nearest


def find(target: str, option: str) -> Any:
    """Import what is named, also from the current folder.

    Args:
        target: ``pkg.mod:name``; the name may have dots.
        option: that it was given as, for people.

    Raises:
        argparse.ArgumentError: if it has another form, or there is no such module or name.
    """
    home, colon, path = target.partition(":")
    if not (home and colon and path) or home.endswith(".py"):
        raise ArgumentError(None, f"{option} must look like pkg.mod:name, got {target!r}")
    module = _imported(home, option)
    found: Any = module
    for name in path.split("."):
        if not hasattr(found, name):
            own = [each for each in vars(found) if not each.startswith("_")] if found is module else dir(found)
            raise ArgumentError(None, f"{option}: {home} has no {path!r}; {nearest(name, own)}")
        found = getattr(found, name)
    return found


def module_of(target: str) -> LightningModule:
    """Return the module that is named, or made without arguments by what is named.

    Raises:
        argparse.ArgumentError: if it is none, or making it needs arguments.
    """
    made = _made(find(target, "--module"), target, "--module", LightningModule)
    if not isinstance(made, LightningModule):
        raise ArgumentError(None, f"--module: {target} is no LightningModule, but {_kind(made)}")
    return made


def data_of(target: str) -> LightningDataModule | Iterable[Any]:
    """Return the loader or data module that is named, or made without arguments by what is named.

    Raises:
        argparse.ArgumentError: if it is none, or making it needs arguments.
    """
    made = _made(find(target, "--data"), target, "--data", (LightningDataModule, Iterable))
    if isinstance(made, LightningDataModule):
        return made
    if isinstance(made, Dataset | Tensor):
        raise ArgumentError(
            None, f"--data: {target} is {_kind(made)}, so single samples: name a DataLoader that makes batches of them"
        )
    if not isinstance(made, Iterable) or isinstance(made, str | LightningModule):
        raise ArgumentError(None, f"--data: {target} is neither a loader nor a LightningDataModule, but {_kind(made)}")
    return _Batches(made) if _is_batches(made) else made


class _Batches:
    """A list of batches that Lightning does not take for a list of loaders."""

    def __init__(self, batches: Sequence[Any]) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._batches)


def _is_batches(made: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(made, list | tuple) and not any(isinstance(each, DataLoader) for each in made)


def _imported(home: str, option: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return import_module(home)
    except ModuleNotFoundError as error:
        if error.name and (home == error.name or home.startswith(f"{error.name}.")):
            raise ArgumentError(
                None, f"{option}: there is no module {error.name!r}, neither installed nor in {here}"
            ) from error
        raise ArgumentError(None, f"{option}: {home} itself imports {error.name!r}, which is not there") from error
    except Exception as error:
        raise ArgumentError(
            None, f"{option}: {home} fails as it is imported: {type(error).__name__}: {error}"
        ) from error


def _made(found: Any, target: str, option: str, wanted: Any) -> Any:
    """Return an object as it is, and what a class or a function makes."""
    if (isinstance(found, wanted) and not inspect.isclass(found)) or not callable(found):
        return found
    needed = _needed(found)
    if needed:
        raise ArgumentError(
            None,
            f"{option}: {target} needs {', '.join(needed)}: write a function without arguments that makes it, "
            f"and name that, as in {target.partition(':')[0]}:make",
        )
    try:
        return found()
    except Exception as error:
        raise ArgumentError(None, f"{option}: {target}() failed: {type(error).__name__}: {error}") from error


def _needed(maker: Any) -> list[str]:
    try:
        parameters = inspect.signature(maker).parameters.values()
    except ValueError:  # built in
        return []
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in variable]


def _kind(found: Any) -> str:
    return f"the class {found.__name__}" if inspect.isclass(found) else f"a {type(found).__name__}"
