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

NO_PLAYER = re.compile(r"loss|ema|avg|average|metric|criterion")


def find_network(module: nn.Module, path: str | None, role: Role) -> nn.Module:
    """Find a player in a module.

    Args:
        module: where to look.
        path: dotted, such as ``"loss.discriminator"``; None looks for the conventional names, shallowest first.
        role: which player; also the name of the argument that errors tell people to set.

    Raises:
        ValueError: if there is no such submodule, none has a conventional name, or two have.

    Example:
        >>> gan = nn.ModuleDict({"netG": nn.Linear(4, 2), "netD": nn.Linear(2, 1)})
        >>> find_network(gan, None, "discriminator") is gan["netD"]
        True
    """
    name = type(module).__name__
    parts: dict[str, nn.Module] = {
        path: part for path, part in module.named_modules() if path and any(True for _ in part.parameters())
    }
    if path is not None:
        if path not in parts:
            raise ValueError(f"{name} has no network {path!r}, set as {role}; it has {_listed(parts)}")
        return parts[path]
    for convention in CONVENTIONS[role]:
        found = [path for path in parts if _is_called(path, convention)]
        shallowest = min((path.count(".") for path in found), default=0)
        found = [path for path in found if path.count(".") == shallowest]
        if len(found) > 1:
            several = _listed(found)
            raise ValueError(f"{name} has several networks that may be its {role}: {several}; {_say(role, found[0])}")
        if found:
            return parts[found[0]]
    raise ValueError(
        f"{name} has no network with the name of a {role}; it has {_listed(parts)}; {_say(role, 'path.to.it')} "
        "(networks that are made in configure_model are not there yet at setup)"
    )


def path_of(module: nn.Module, network: nn.Module) -> str:
    """Return the dotted path of a submodule."""
    paths: dict[nn.Module, str] = {part: path for path, part in module.named_modules()}
    return paths[network]


def owns(optimizer: Optimizer, network: nn.Module) -> bool:
    """Tell whether the optimizer updates a parameter of the network; its place in a list tells nothing."""
    updated = {id(p) for group in optimizer.param_groups for p in group["params"]}
    return any(id(p) in updated for p in network.parameters())


def _is_called(path: str, convention: str) -> bool:
    name = path.rsplit(".", 1)[-1].replace("_", "").lower()
    return re.fullmatch(convention, name) is not None and not NO_PLAYER.search(name)


def _listed(paths: Iterable[str]) -> str:
    shown = [path for path in paths if path.count(".") < 2][:12]
    return ", ".join(shown) or "none with parameters"


def _say(role: Role, path: str) -> str:
    return f"say which with {role}={path!r}"
