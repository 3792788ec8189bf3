"""A player's loss, from what its module logs, where its backward pass was not seen."""

from collections.abc import Collection, Mapping

from torch import Tensor

from gan_lightning.probe.networks import WORD, Role

LOSS = frozenset(("loss", "losses", "err", "error"))
PLAYER: dict[Role, frozenset[str]] = {
    "discriminator": frozenset(("d", "dis", "disc", "discriminator", "critic", "netd")),
    "generator": frozenset(("g", "gen", "generator", "netg")),
}
JOINED = {"errd": "err d", "errg": "err g", "dloss": "d loss", "gloss": "g loss", "lossd": "loss d", "lossg": "loss g"}
NO_TRAINING = frozenset(("val", "valid", "validation", "test", "epoch"))


def logged_loss(metrics: Mapping[str, Tensor], role: Role) -> Tensor | None:
    """Return the metric whose name is most plainly a player's training loss, None if none is.

    Example:
        >>> import torch
        >>> names = ("train/disc_loss_real", "train/disc_loss", "d_accuracy", "loss_G")
        >>> logged_loss({name: torch.tensor(float(i)) for i, name in enumerate(names)}, "discriminator")
        tensor(1.)
    """
    named = [(words, value) for name, value in metrics.items() if _is_loss_of(words := _words(name), role)]
    best = min(named, key=lambda each: len(each[0]), default=None)
    return None if best is None or best[1].numel() != 1 else best[1].detach().float().reshape(())


def _words(name: str) -> list[str]:
    words = [word.lower() for word in WORD.findall(name)]
    return [part for word in words for part in JOINED.get(word, word).split()]


def _is_loss_of(words: Collection[str], role: Role) -> bool:
    found = frozenset(words)
    return bool(found & LOSS) and bool(found & PLAYER[role]) and not found & NO_TRAINING
