"""Which runs there are, and which half of them each belongs to.

The design half: even seeds of the design recipes. All thresholds may be chosen on it. The held-out half: odd seeds, of
the same recipes and of others that the design half does not have: other losses on a data set, other data, other faults.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from recipes import Recipe, Run, Setting

Half = Literal["design", "held_out"]
HALVES: tuple[Half, ...] = ("design", "held_out")

RING, GRID = Setting("ring8", "ns"), Setting("grid25", "ns")
DIGITS, DIGITS_CONV = Setting("digits", "ns"), Setting("digits", "ns", "conv")
MNIST, MNIST_CONV = Setting("mnist", "ns"), Setting("mnist", "ns", "conv")
FOREIGN = tuple(setting._replace(author="foreign") for setting in (RING, DIGITS, DIGITS_CONV))
POINTS, IMAGES, CONV = (RING, GRID), (DIGITS, MNIST), (DIGITS_CONV, MNIST_CONV)


def _with(losses: str, *settings: Setting) -> tuple[Setting, ...]:
    return tuple(setting._replace(loss=loss) for setting in settings for loss in losses.split())


SEEN: dict[str, tuple[Setting, ...]] = {
    "plain": (
        *_with("ns hinge lsgan wgan_gp rp_r1_r2", RING),
        *_with("ns hinge rp_r1_r2", GRID),
        *_with("ns hinge rp_r1_r2", DIGITS, DIGITS_CONV),
        *_with("ns lsgan", MNIST),
        *_with("ns hinge", MNIST_CONV),
        *FOREIGN,
    ),
    "falling_lr": (RING, GRID, DIGITS_CONV),
    "augmented": (DIGITS_CONV, MNIST_CONV),
    "smoothed": (GRID, DIGITS),
    "noisy": (GRID, DIGITS),
    "small_batch": (RING, DIGITS_CONV),
    "five_d_steps": _with("wgan_gp", RING),
    "ttur": (RING, DIGITS),
    "slow": (RING, DIGITS),
    "ema": (GRID,),
    "longer": (GRID, DIGITS),
    "labels": (RING, DIGITS, DIGITS_CONV),
    "dropout_d": (DIGITS,),
    "lr_d_x10": (RING, GRID, DIGITS),
    "lr_d_x20": (RING, DIGITS_CONV),
    "lr_d_x100": (RING, DIGITS, DIGITS_CONV),
    "lr_g_x10": (GRID, DIGITS),
    "lr_g_x20": (RING, GRID, DIGITS, DIGITS_CONV),
    "lr_g_x20_later": (RING, DIGITS_CONV),
    "lr_g_x50": (DIGITS_CONV, MNIST_CONV),
    "latent_1": (GRID, DIGITS, DIGITS_CONV, MNIST_CONV),
    "mixed_batch_norm": (RING, DIGITS, DIGITS_CONV, FOREIGN[2]),
    "weak_d": (RING, GRID, DIGITS),
    "weak_d_conv": (DIGITS_CONV, MNIST_CONV),
    "wgan_free": (RING, DIGITS, DIGITS_CONV),
    "squeezed": (RING, GRID, DIGITS, DIGITS_CONV),
    "tiny_32": (RING, DIGITS),
    "tiny_64": (DIGITS, DIGITS_CONV),
    "nan": (RING, DIGITS_CONV),
    "one_label": (RING, DIGITS),
    "stuck_loader": (RING, DIGITS),
    "one_sample": (RING, DIGITS_CONV),
    "frozen_g": (RING, DIGITS),
    "frozen_g_later": (GRID, DIGITS_CONV),
    "starved_g": (RING, DIGITS_CONV),
    "minimax": (RING, DIGITS),
    "detached": (FOREIGN[0],),
}
"""In both halves."""

UNSEEN: dict[str, tuple[Setting, ...]] = {
    "plain": (
        *_with("lsgan wgan_gp", GRID),
        *_with("ns hinge rp_r1_r2", Setting("grid9", "ns"), Setting("ring12", "ns")),
        *_with("lsgan wgan_gp", DIGITS, DIGITS_CONV),
        *_with("hinge rp_r1_r2", MNIST),
        *_with("lsgan rp_r1_r2 wgan_gp", MNIST_CONV),
        *_with("hinge", *FOREIGN),
    ),
    "falling_lr": (DIGITS, MNIST_CONV),
    "augmented": _with("hinge", DIGITS_CONV),
    "smoothed": (RING, DIGITS_CONV),
    "noisy": (RING, DIGITS_CONV),
    "small_batch": (GRID, DIGITS),
    "five_d_steps": (GRID, *_with("wgan_gp", DIGITS)),
    "ttur": (GRID, DIGITS_CONV),
    "slow": (GRID, DIGITS_CONV),
    "ema": (DIGITS_CONV,),
    "bf16": (RING, DIGITS),
    "spectral_d": (DIGITS, DIGITS_CONV),
    "clipped": (RING, DIGITS_CONV),
    "longer": (RING, DIGITS_CONV),
    "labels": (GRID, MNIST_CONV),
    "dropout_d": (GRID, DIGITS_CONV),
    "wide_latent": (RING, DIGITS),
    "lr_d_x20": _with("hinge", GRID),
    "lr_g_x20": (*_with("hinge", DIGITS), MNIST_CONV),
    "latent_1": (MNIST, *_with("hinge", DIGITS_CONV)),
    "lr_g_x50": _with("hinge", DIGITS_CONV),
    "mixed_batch_norm": (GRID, FOREIGN[0]),
    "weak_d": (MNIST, *_with("hinge", GRID)),
    "wgan_free": (GRID, MNIST_CONV),
    "squeezed": (*_with("hinge", DIGITS), *_with("rp_r1_r2", GRID)),
    "tiny_32": (DIGITS_CONV,),
    "tiny_64": (MNIST,),
    "nan": (*_with("hinge", DIGITS), GRID),
    "one_label": (DIGITS_CONV,),
    "stuck_loader": (GRID,),
    "one_sample": (DIGITS,),
    "frozen_g": (GRID, DIGITS_CONV),
    "starved_g": (GRID, DIGITS),
    "minimax": (GRID,),
    "detached": (FOREIGN[1],),
    "raw_bytes": (DIGITS, DIGITS_CONV),
    "starved_g_later": (RING, DIGITS),
    "frozen_d": (RING, DIGITS),
    "both_lr_x20": (RING, DIGITS, MNIST_CONV),
    "blank_samples": (DIGITS, DIGITS_CONV),
    "few_classes": (RING, DIGITS),
    "lr_d_x100_later": (RING, DIGITS, MNIST_CONV),
    "swapped": FOREIGN[:2],
    "heaping": FOREIGN[:2],
}
"""In the held-out half only."""

SEEDS = 2
"""Runs per recipe and half."""


def runs_of(half: Half) -> list[Run]:
    """Return the runs of a half, seed by seed, so that the first ones touch everything."""
    recipes = list(recipes_of(SEEN)) + (list(recipes_of(UNSEEN)) if half == "held_out" else [])
    first = HALVES.index(half)
    return [Run(recipe, first + 2 * k) for k in range(SEEDS) for recipe in recipes]


def recipes_of(table: dict[str, tuple[Setting, ...]]) -> Iterator[Recipe]:
    """Return the recipes of a table."""
    for condition, settings in table.items():
        yield from (Recipe(condition, setting) for setting in settings)


def named(names: Iterable[str]) -> list[Recipe]:
    """Return recipes by name.

    Raises:
        ValueError: if one is unknown.
    """
    known = {recipe.name: recipe for table in (SEEN, UNSEEN) for recipe in recipes_of(table)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no recipe is named {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [known[name] for name in names]
