"""Which submodule is the generator and which the discriminator, and which optimizer trains it."""

import re
from collections.abc import Iterable
from typing import Literal

from torch import nn
from torch.optim import Optimizer

Role = Literal["discriminator", "generator"]

CONVENTIONS: dict[Role, tuple[str, ...]] = {
    "discriminator": (
        r"(net)?(d|dis|disc|discriminator|critic)(net|network|model)?[ab\d]?",
        r".*(discriminator|critic|disc)",
    ),
    "generator": (
        r"(net)?(g|gen|generator)(net|network|model)?[ab\d]?",
        r".*generator",
        r"(decoder|synthesis)(net|network)?",
    ),
}
"""Names, in lower case and without underscores, from the surest to the vaguest."""

ONE_LETTER = re.compile(r"[dg][ab\d]?")
"""Names of players at the top of a module, and of any small layer further down."""

NO_PLAYER = frozenset(("loss", "losses", "ema", "avg", "average", "averaged", "metric", "metrics", "criterion"))
"""Words that make a name mean something else."""

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def find_network(module: nn.Module, path: str | None, role: Role) -> nn.Module:
    """Find a player in a module.

    Args:
        module: where to look.
        path: dotted, such as ``"loss.discriminator"``; None looks for the conventional names: the shallowest, and of
            these the surest; never within the other player.
        role: which player; also the name of the argument that errors tell people to set.

    Raises:
        ValueError: if there is no such submodule, none has a conventional name, or two have.

    Example:
        >>> gan = nn.ModuleDict({"netG": nn.Linear(4, 2), "netD": nn.Linear(2, 1)})
        >>> find_network(gan, None, "discriminator") is gan["netD"]
        True
    """
    name, parts = type(module).__name__, _trainable(module)
    if path is not None:
        if path not in parts:
            raise ValueError(f"{name} has no network {path!r}, set as {role}; it has {_listed(parts)}")
        return parts[path]
    found = conventional(module, role)
    if len(found) > 1:
        several = _listed(found)
        raise ValueError(
            f"{name} has several networks that may be its {role}: {several}; {_say(role, next(iter(found)))}"
        )
    if not found:
        raise ValueError(
            f"{name} has no network with the name of a {role}; it has {_listed(parts)}; {_say(role, 'path.to.it')} "
            "(networks that are made in configure_model are not there yet at setup)"
        )
    return next(iter(found.values()))


def find_called(module: nn.Module, path: str | None, role: Role) -> nn.Module:
    """Find a player whose calls are watched.

    Raises:
        ValueError: as ``find_network``, and if it is a list or dict of networks, which is not called itself.
    """
    network = find_network(module, path, role)
    if isinstance(network, nn.ModuleList | nn.ModuleDict):
        found = path_of(module, network)
        inner = [name for name, _ in network.named_children()]
        raise ValueError(
            f"{found} is a {type(network).__name__} of {len(inner)} networks and not called itself: name one of them, "
            f"{role}='{found}.{inner[0]}'"
        )
    return network


def conventional(module: nn.Module, role: Role) -> dict[str, nn.Module]:
    """Return the networks with the best conventional name there is, by path: one, none, or several equally good."""
    parts = _trainable(module)
    found = {path: _rank(path, role) for path in parts if not _is_inside_other(path, role)}
    ranks = {path: rank for path, rank in found.items() if rank is not None}
    best = min(ranks.values(), default=None)
    return {path: parts[path] for path, rank in ranks.items() if rank == best}


def path_of(module: nn.Module, network: nn.Module) -> str:
    """Return the dotted path of a submodule."""
    paths: dict[nn.Module, str] = {part: path for path, part in module.named_modules()}
    return paths[network]


def owns(optimizer: Optimizer, network: nn.Module) -> bool:
    """Tell whether the optimizer updates a parameter of the network; its place in a list tells nothing."""
    updated = {id(p) for group in optimizer.param_groups for p in group["params"]}
    return any(id(p) in updated for p in network.parameters())


def _trainable(module: nn.Module) -> dict[str, nn.Module]:
    return {path: part for path, part in module.named_modules() if path and any(True for _ in part.parameters())}


def _rank(path: str, role: Role) -> tuple[int, int] | None:
    """Return depth and convention of a player's path, smaller is better; None for others."""
    depth, last = path.count("."), path.rsplit(".", 1)[-1]
    name = last.replace("_", "").lower()
    if NO_PLAYER.intersection(word.lower() for word in WORD.findall(last)) or (depth and ONE_LETTER.fullmatch(name)):
        return None
    matching = (rank for rank, convention in enumerate(CONVENTIONS[role]) if re.fullmatch(convention, name))
    return next(((depth, rank) for rank in matching), None)


def _is_inside_other(path: str, role: Role) -> bool:
    other: Role = "generator" if role == "discriminator" else "discriminator"
    names = path.split(".")
    return any(_rank(".".join(names[:end]), other) is not None for end in range(1, len(names)))


def _listed(paths: Iterable[str]) -> str:
    shown = [path for path in paths if path.count(".") < 2][:12]
    return ", ".join(shown) or "none with parameters"


def _say(role: Role, path: str) -> str:
    return f"say which with {role}={path!r}"
