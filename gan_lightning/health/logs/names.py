"""Which logged names are the players' losses and scores, as people call them."""

import re
from collections.abc import Iterable

PLAYERS = {
    "d": {"d", "dis", "disc", "discriminator", "critic", "netd"},
    "g": {"g", "gen", "generator", "netg"},
}
QUANTITIES = {
    "loss": {"loss", "losses", "err", "error", "cost"},
    "score": {"score"},
    "rank_accuracy": {"acc", "accuracy"},
}
NEUTRAL = {
    "train", "training", "trainer", "step", "epoch", "iter", "batch", "avg", "average", "mean", "total", "full", "sum",
    "adv", "adversarial", "gan", "net", "model", "smooth", "smoothed", "running", "rank",
}  # fmt: skip
"""Words that do not make it another quantity."""

HELD_OUT = {"val", "valid", "validation", "test", "eval"}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
JOINED = re.compile(
    r"(d|dis|disc|discriminator|critic|netd|g|gen|generator|netg)(loss|err|error|cost|acc|accuracy|score)"
    r"|(loss|err|error|cost|acc|accuracy|score)(d|dis|disc|discriminator|critic|g|gen|generator)"
)
WANTED = ("d/loss", "g/loss", "d/score", "g/score", "d/rank_accuracy")


def recognised(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return which logged names hold ``d/loss``, ``g/loss``, ``d/score``, ``g/score`` and ``d/rank_accuracy``.

    A loss that is only logged by its parts on real and generated samples is their sum, so two names. Per-step values
    are taken before means over epochs, and losses of held-out data not at all.

    Example:
        >>> recognised(["epoch", "train/disc_loss_epoch", "train/disc_loss_step", "errG", "val_d_loss"])
        {'d/loss': ('train/disc_loss_step',), 'g/loss': ('errG',)}
        >>> recognised(["loss_D_real", "loss_D_fake", "loss_G", "loss_G_L1"])
        {'d/loss': ('loss_D_real', 'loss_D_fake'), 'g/loss': ('loss_G',)}
    """
    whole: dict[str, list[str]] = {}
    parts: dict[tuple[str, str], list[str]] = {}
    for name in names:
        meaning, rest = _meaning(name)
        if meaning in WANTED and not rest:
            whole.setdefault(meaning, []).append(name)
        elif meaning == "d/loss" and rest in ({"real"}, {"fake"}):
            parts.setdefault((meaning, rest.pop()), []).append(name)
    found: dict[str, tuple[str, ...]] = {
        meaning: (min(candidates, key=_vagueness),) for meaning, candidates in whole.items()
    }
    both = [parts[key] for key in (("d/loss", "real"), ("d/loss", "fake")) if key in parts]
    if "d/loss" not in found and len(both) == 2:
        found["d/loss"] = tuple(min(candidates, key=_vagueness) for candidates in both)
    return {meaning: found[meaning] for meaning in WANTED if meaning in found}


def _meaning(name: str) -> tuple[str, set[str]]:
    """Return what a name seems to hold, and the words that are not explained by it."""
    words = [part for word in WORD.findall(name) for part in _parted(word.lower())]
    rest = set(words) - NEUTRAL
    if rest & HELD_OUT:
        return "", rest
    players = [player for player, called in PLAYERS.items() if rest & called]
    quantities = [quantity for quantity, called in QUANTITIES.items() if rest & called]
    if len(players) != 1 or len(quantities) != 1:
        return "", rest
    known = PLAYERS[players[0]] | QUANTITIES[quantities[0]]
    return f"{players[0]}/{quantities[0]}", rest - known


def _parted(word: str) -> list[str]:
    """Split ``dloss`` and ``lossd``."""
    joined = JOINED.fullmatch(word)
    return [part for part in joined.groups() if part] if joined else [word]


def _vagueness(name: str) -> tuple[bool, int]:
    return name.endswith("_epoch"), len(name)
