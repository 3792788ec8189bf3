"""``--with A B``: mixins on the command line, as sugar over ``gan_lightning.compose``."""

from argparse import ArgumentError
from collections.abc import Sequence

from gan_lightning.cli.named_model import CONFIG, class_name
from gan_lightning.compose import SEPARATOR, compose


def expand_with(argv: Sequence[str]) -> list[str]:
    """Turn ``--model DCGAN --with R1 X`` into ``--model gan_lightning.compose.R1__X__DCGAN``.

    The model may also come from a configuration file; its arguments are kept.

    Raises:
        argparse.ArgumentError: if no model is named, or a name is unknown.

    Example:
        >>> expand_with(["fit", "--model", "DCGAN", "--with", "R1"])
        ['fit', '--model', 'gan_lightning.compose.R1__DCGAN']
    """
    mixins, rest = _take_mixins(argv)
    if mixins is None:
        return rest
    if not mixins:
        raise ArgumentError(None, "--with needs at least one mixin, as in --with R1")
    base = class_name(rest)
    if base is None:
        raise ArgumentError(None, "--with mixes into a model: name one by --model, or in a configuration file")
    try:
        composed = compose(*mixins, *base.rpartition(".")[2].split(SEPARATOR))
    except AttributeError as error:
        raise ArgumentError(None, str(error)) from error
    return _with_model(rest, f"{composed.__module__}.{composed.__qualname__}")


def _take_mixins(argv: Sequence[str]) -> tuple[list[str] | None, list[str]]:
    """Split off what follows each ``--with`` up to the next option; None if there is no ``--with``."""
    mixins: list[str] | None = None
    rest: list[str] = []
    taking = False
    for word in argv:
        option, _, first = word.partition("=")
        if option == "--with":
            mixins, taking = [*(mixins or []), *([first] if first else [])], True
        elif taking and mixins is not None and not word.startswith("-"):
            mixins.append(word)
        else:
            rest.append(word)
            taking = False
    return mixins, rest


def _with_model(argv: list[str], name: str) -> list[str]:
    """Put the composed class where the model was named, or behind the last configuration file."""
    behind = 0
    for i, word in enumerate(argv):
        option, equals, _ = word.partition("=")
        if option == "--model":
            return [*argv[:i], f"--model={name}", *argv[i + 1 :]] if equals else [*argv[: i + 1], name, *argv[i + 2 :]]
        if option in CONFIG:
            behind = i + (1 if equals else 2)
    return [*argv[:behind], f"--model={name}", *argv[behind:]]
