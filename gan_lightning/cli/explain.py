"""From a parser's report to a sentence: what was wrong, and the nearest name that would be right."""

import inspect
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from importlib import import_module

from lightning.pytorch import Trainer

HOMES = {
    "optimizer": ("torch.optim",),
    "scheduler": ("torch.optim.lr_scheduler",),
    "callbacks": ("gan_lightning.callbacks", "lightning.pytorch.callbacks"),
    "logger": ("lightning.pytorch.loggers",),
    "loss": ("gan_lightning.losses",),
    "data": ("gan_lightning.data",),
    "generator": ("gan_lightning.networks",),
    "discriminator": ("gan_lightning.networks",),
    "model": ("gan_lightning.gans", "gan_lightning.mixins", "gan_lightning.optimizers"),
}
"""Where the classes come from that an argument of this name, or one that begins with it, may take."""

OPTIONS = ("model", "data", "with", "config", "ckpt_path", "seed_everything", "print_config")
COMMANDS = ("fit", "validate", "sample", "export", "diagnose", "report")


def explain(message: str) -> str:
    """Return the one useful sentence of a parser's message, or all of it where none is known.

    Args:
        message: what jsonargparse says: a tree of failures, the useful one somewhere in it.

    Example:
        >>> explain("unrecognized arguments: --modle R1")
        "there is no option --modle; did you mean '--model'?"
    """
    for pattern, sentence in SENTENCES.items():
        found = re.search(pattern, message, re.DOTALL)
        if found:
            return sentence(found)
    return message


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the name that was meant, or at all there are if few."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    near = near or [each for each in names if each.lower().startswith(name.lower()[:3])][:1]  # a wrong case
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(names)}" if 0 < len(names) <= 30 else "there are none" if not names else "see --help"


def _place(found: re.Match[str]) -> str:
    """Return where in the configuration it happened, as in ``model.optimizer_d``."""
    keys = re.findall(r'Parser key "([\w.]+)"', found.string[: found.end()])
    return ".".join(keys)


def _class_in_play(found: re.Match[str]) -> str:
    """Return the class whose argument is meant: named behind the complaint, or last before it."""
    behind = re.match(r"[^\n]*?Got value: Namespace\(class_path='([\w.]+)'", found.string[found.end() :])
    before = re.findall(r"given class_path '([\w.]+)'", found.string[: found.start()])
    return behind[1] if behind else before[-1] if before else ""


def _no_class(found: re.Match[str]) -> str:
    name, place = found[1], _place(found)
    argument = place.rpartition(".")[2]
    homes = next((homes for start, homes in HOMES.items() if argument.startswith(start)), sum(HOMES.values(), ()))
    modules = [import_module(home) for home in homes]
    classes = [each for home in modules for each, what in vars(home).items() if inspect.isclass(what)]
    return f"there is no class {name!r}{place and ' for '}{place}; {nearest(name.rpartition('.')[2], classes)}"


def _no_argument(found: re.Match[str]) -> str:
    class_path = _class_in_play(found)
    if not class_path:
        return _no_option(found)
    module, _, cls = class_path.rpartition(".")
    return f"{cls} has no argument {found[1]!r}; {nearest(found[1], _arguments(getattr(import_module(module), cls)))}"


def _arguments(cls: type) -> list[str]:
    """Collect what the whole chain of constructors takes, as mixins pass on what they do not know."""
    names: list[str] = []
    for base in cls.__mro__:
        if "__init__" not in vars(base) or base is object:
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        names += [p.name for p in parameters if p.kind in named and p.name not in ("self", "params", "optimizer")]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return names


def _no_option(found: re.Match[str]) -> str:
    if ".init_args." in found[1]:  # of a file for another command, since no class refused it
        return f"{found[1]} is an option of fit alone: a run's config.yaml goes with export as --run_config"
    option = "--" + found[1].lstrip("-")
    trainer = (f"trainer.{name}" for name in inspect.signature(Trainer.__init__).parameters if name != "self")
    return f"there is no option {option}; {nearest(option, (f'--{name}' for name in (*OPTIONS, *trainer)))}"


def _wrong_value(found: re.Match[str]) -> str:
    return f"{_place(found)}: expected {found[1]}, got {found[2]}"


def _none_of_these_types(found: re.Match[str]) -> str:
    wanted = " or ".join(re.findall(r"<class '([\w.]+)'>", found[1])) or found[1]
    return f"{_place(found)}: expected {wanted.replace('NoneType', 'null')}, got {found[2]}"


def _missing(found: re.Match[str]) -> str:
    asker = _place(found) or _class_in_play(found)
    needed = found[1] if asker or found[1].isupper() else ", ".join(f"--{name}" for name in found[1].split(", "))
    return f"{asker or 'the command'} still needs {needed}"


def _none_of_these_words(found: re.Match[str]) -> str:
    wanted = " or ".join(re.findall(r"'(.*?)'", found[1]))
    return f"{_place(found)}: expected {wanted}, got {found[2]}"


def _no_command(found: re.Match[str]) -> str:
    return f"there is no command {found[1]!r}; {nearest(found[1], COMMANDS)}"


SENTENCES: dict[str, Callable[[re.Match[str]], str]] = {
    r"(no GAN or mixin is named [^\n]*)": lambda found: found[1],
    r"(Multiple subclasses with name [^\n]*)": lambda found: f"{_place(found)}: {found[1]}",
    r"(?:O|does not accept o)ption '([\w.]+)'(?: is not accepted)?": _no_argument,
    r"Key '([\w.]+)' is not expected": _no_argument,
    r"Expected a dot import path string: (\S+)": _no_class,
    r"Expected a typing\.Literal\[([^\n]*?)\]\. Got value: ([^\n]*)": _none_of_these_words,
    r"Expected a <class '(\w+)'>\. Got value: ([^\n]*)": _wrong_value,
    r"the following arguments are required: ([\w., ]+)": _missing,
    r"unrecognized arguments: --?([\w.]+)": _no_option,
    r"invalid choice: '(\w+)'": _no_command,
    r"expected \"subcommand\"(.*)": lambda found: (
        f"choose a command: {', '.join(COMMANDS[:-1])} or {COMMANDS[-1]}; --help tells more"
    ),
    r"`val_dataloader` must be implemented": lambda found: (
        "the data hold nothing out: set --data.val_fraction 0.1, say"
    ),
    r"Union subtypes\s+Subtypes: \[([^\n]*)\].*Given value: ([^\n]*)": _none_of_these_types,
}
