"""What a command line says of the model, before it is parsed: from options and from configuration files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

CONFIG = ("-c", "--config")


def class_name(argv: Sequence[str]) -> str | None:
    """Return the model's class as it is written, the last mention winning, or None."""
    named = list(values(argv, "--model"))
    named = named or [name for model in _models(argv) if (name := _class_of(model)) is not None]
    return named[-1] if named else None


def names_argument(argv: Sequence[str], argument: str) -> bool:
    """Tell whether the model is given ``argument``."""
    option = f"--model.{argument}"
    if any(word.partition("=")[0] in (option, f"--model.init_args.{argument}") for word in argv):
        return True
    models = [model for model in _models(argv) if isinstance(model, dict)]
    return any((model.get("init_args") or {}).get(argument) is not None for model in models)


def values(argv: Sequence[str], *options: str) -> Iterator[str]:
    """Yield what follows any of the options, as ``--option value`` or ``--option=value``."""
    for i, word in enumerate(argv):
        option, _, value = word.partition("=")
        if option in options and value:
            yield value
        elif word in options and i + 1 < len(argv):
            yield argv[i + 1]


def _models(argv: Sequence[str]) -> Iterator[Any]:
    for file in values(argv, *CONFIG):
        if not Path(file).is_file():
            continue
        with open(file) as stream:  # not its text, so that a mistake is told with the file's name
            config = yaml.safe_load(stream)
        if isinstance(config, dict):
            yield config.get("model", (config.get(argv[0]) or {}).get("model"))


def _class_of(model: Any) -> str | None:
    name = model.get("class_path") if isinstance(model, dict) else model
    return name if isinstance(name, str) else None
