"""The networks and optimizers of both players of any GAN, several networks per player allowed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lightning.pytorch import LightningModule, Trainer
from torch import nn
from torch.optim import Optimizer

from gan_lightning.probe.networks import Role, conventional, find_network, owns, path_of
from gan_lightning.probe.optimizers import optimizers_of

OTHER: dict[Role, Role] = {"discriminator": "generator", "generator": "discriminator"}


@dataclass(frozen=True)
class Player:
    """One side of the game.

    Args:
        called: the networks whose calls count: they return samples, or judge them.
        networks: these, and all else that their optimizers train: encoders, mapping networks.
        optimizers: which update them.
    """

    called: tuple[nn.Module, ...]
    networks: tuple[nn.Module, ...]
    optimizers: tuple[Optimizer, ...]


def find_players(
    trainer: Trainer, module: LightningModule, generator: str | None, discriminator: str | None
) -> dict[Role, Player]:
    """Find both players, by the paths that are given, else by their names; whose optimizers are whose by parameters.

    Raises:
        ValueError: if a player is not found, several could be it and not all of them be meant, none of the optimizers
            trains it, or one trains both.
    """
    judges = _find(trainer, module, discriminator, "discriminator")
    makers = _find(trainer, module, generator, "generator", judges)
    players: dict[Role, Player] = {}
    for role, networks, others in (("discriminator", judges, makers), ("generator", makers, judges)):
        side: Role = "discriminator" if role == "discriminator" else "generator"
        optimizers = _optimizers(trainer, module, networks, others, side)
        whole = (*networks, *_trained_too(module, optimizers, (*networks, *others)))
        players[side] = Player(_called(networks), whole, optimizers)
    return players


def _find(
    trainer: Trainer, module: LightningModule, paths: str | None, role: Role, others: Iterable[nn.Module] = ()
) -> tuple[nn.Module, ...]:
    if paths is not None:
        return tuple(find_network(module, path.strip(), role) for path in paths.split(","))
    trained = {
        path: network
        for path, network in conventional(module, role).items()
        if any(owns(optimizer, network) for optimizer in trainer.optimizers)
    }
    if not trained:
        rest = _the_rest(trainer, module, tuple(others)) if others else None
        return (rest or find_network(module, None, role),)
    if len(trained) > 1 and (role == "generator" or len({_term(path) for path in trained}) > 1):
        several = ", ".join(trained)
        raise ValueError(
            f"{type(module).__name__} has several networks that may be its {role}: {several}; say which with "
            f"{role}={next(iter(trained))!r}, or name several that act as one, {role}={','.join(trained)!r}"
            + ("; of two games in one module, as in CycleGAN, name both players of one" if _is_pair(trained) else "")
        )
    return tuple(trained.values())


def _the_rest(trainer: Trainer, module: LightningModule, others: tuple[nn.Module, ...]) -> nn.Module | None:
    """Return the one network that is left when the other player's are known; None if there are several, or none."""
    left = [each for each in trainer.optimizers if not any(owns(each, other) for other in others)]
    trained = [child for child in module.children() if any(owns(optimizer, child) for optimizer in left)]
    apart = [child for child in trained if not any(_shares(child, other) for other in others)]
    return trained[0] if len(trained) == len(apart) == 1 else None


def _term(path: str) -> str:
    """Return the word that a name has for its player; networks that are named by different words are rivals."""
    return "critic" if "critic" in path.rsplit(".", 1)[-1].lower() else "discriminator"


def _is_pair(paths: Iterable[str]) -> bool:
    return any(re.search(r"_?[aA]$", path) for path in paths)


def _optimizers(
    trainer: Trainer,
    module: LightningModule,
    networks: tuple[nn.Module, ...],
    others: tuple[nn.Module, ...],
    role: Role,
) -> tuple[Optimizer, ...]:
    found = tuple(dict.fromkeys(each for network in networks for each in optimizers_of(trainer, network, role)))
    for other in others:
        if any(_shares(network, other) for network in networks):
            raise ValueError(
                f"the {role} {path_of(module, networks[0])} and the {OTHER[role]} {path_of(module, other)} share "
                f"parameters: name networks that are apart, {role}='path.to.it' and {OTHER[role]}='path.to.it'"
            )
        if any(owns(optimizer, other) for optimizer in found):
            raise ValueError(
                f"one optimizer updates both players, the {role} {path_of(module, networks[0])} and "
                f"{path_of(module, other)}, so that its steps do not tell whose update they are: return an optimizer "
                f"for each from configure_optimizers, or name other networks, {role}='path.to.it'"
            )
    return found


def _shares(a: nn.Module, b: nn.Module) -> bool:
    return not set(a.parameters()).isdisjoint(b.parameters())


def _trained_too(
    module: LightningModule, optimizers: tuple[Optimizer, ...], known: tuple[nn.Module, ...]
) -> list[nn.Module]:
    """Return the largest networks that the optimizers train besides, wholly apart from the known ones."""
    trained = {p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]}
    taken = {p for network in known for p in network.parameters()}
    found = []
    for _, part in module.named_modules():
        own = set(part.parameters())
        if own and own <= trained and own.isdisjoint(taken):
            found.append(part)
            taken |= own
    return found


def _called(networks: tuple[nn.Module, ...]) -> tuple[nn.Module, ...]:
    """Return the networks that are called: those in lists and dicts of networks for these."""
    inner = [list(n.children()) if isinstance(n, nn.ModuleList | nn.ModuleDict) else [n] for n in networks]
    return tuple(network for group in inner for network in group)
