"""Which runs are rescued, and by what."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import torch
from building import discriminator_of
from conditions import CONDITIONS
from lightning.pytorch import Callback
from plan import DIGITS, DIGITS_CONV, GRID, RING
from recipes import Condition, Recipe, Run, Setting
from sources import load
from torch import Tensor

from gan_lightning.health import Detector, HealthMonitor, History, Verdict, Window
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.zero_centered_penalties import gamma_for

Arm = Literal["alone", "ladder", "static", "random"]
ARMS: tuple[Arm, ...] = ("alone", "ladder", "static", "random")
HORIZON = 8000
"""Iterations of every run, whatever is done to it."""

FAILING: dict[str, tuple[Setting, ...]] = {
    "lr_g_x10": (GRID, DIGITS),
    "lr_g_x20": (RING, GRID, DIGITS, DIGITS_CONV),
    "both_lr_x20": (RING, DIGITS),
    "lr_d_x100": (RING, DIGITS),
    "weak_d": (RING, GRID, DIGITS),
    "wgan_free": (RING, GRID, DIGITS, DIGITS_CONV),
    "mixed_batch_norm": (RING, GRID, DIGITS_CONV),
    "minimax": (RING, DIGITS),
    "slow": (RING, DIGITS),
    "ttur": (RING, DIGITS),
}
"""That may fail if left alone; those that do not are not counted."""

HEALTHY: dict[str, tuple[Setting, ...]] = {"plain": (RING, GRID, DIGITS, DIGITS_CONV)}
FAILING_SEEDS, HEALTHY_SEEDS = 4, 6


def failing_runs() -> list[Run]:
    """Return the runs that may need a rescue."""
    return [Run(recipe, 100 + k) for k in range(FAILING_SEEDS) for recipe in _recipes(FAILING)]


def healthy_runs() -> list[Run]:
    """Return healthy runs, which are the others' twins, and to which the ladder should do no harm."""
    return [Run(recipe, 100 + k) for k in range(HEALTHY_SEEDS) for recipe in _recipes(HEALTHY)]


def condition_of(run: Run, arm: Arm) -> Condition:
    """Return what is trained: under "static", with R1 + R2 from the start, as strong as the remedy would have them."""
    condition = CONDITIONS[run.recipe.condition]
    if arm != "static":
        return condition
    samples = load(run.recipe.setting.data).samples
    gamma = gamma_for(float(samples.flatten(1).var(0).sum()), samples[0].numel())
    added = [mixin for mixin in ("R1", "R2") if mixin not in condition.mixins]
    penalties = {"r1_gamma": gamma, "r2_gamma": gamma}
    return replace(condition, mixins=(*added, *condition.mixins), gan={**condition.gan, **penalties})


def monitor_of(run: Run, arm: Arm) -> list[Callback]:
    """Return the callbacks that treat a run."""
    makers: dict[Arm, Callable[[Run], list[Callback]]] = {"ladder": _ladder, "random": _at_random}
    return makers[arm](run) if arm in makers else []


def _ladder(run: Run) -> list[Callback]:
    if run.recipe.condition != "weak_d":
        return [HealthMonitor(remedies="ladder")]
    # What a user would give whose discriminator may be too small: a way to build a larger one.
    factory = lambda: discriminator_of(Condition("wider"), run.recipe.setting)  # noqa: E731
    return [HealthMonitor(remedies=Ladder(wider_discriminator=factory))]


def _at_random(run: Run) -> list[Callback]:
    """Apply the first rung for a collapse at an iteration drawn from the seed, whatever the run is like."""
    drawn = torch.randint(1, HORIZON // 100, (), generator=torch.Generator().manual_seed(run.seed))
    only_first = Ladder(patience=HORIZON)
    return [HealthMonitor([FromIteration(100 * int(drawn))], remedies=only_first)]


class FromIteration(Detector):
    """Finds a failure from an iteration on, without looking.

    Args:
        begin: that iteration.
    """

    kind = "mode_collapse"

    def __init__(self, begin: int) -> None:
        self.begin = begin

    def measure(self, window: Window) -> dict[str, Tensor]:
        return {"drawn/begin": window.fake.new_tensor(float(self.begin))}

    def judge(self, history: History) -> Verdict | None:
        if history.iteration < self.begin:
            return None
        reason = f"iteration {self.begin} was drawn"
        return Verdict(self.kind, "failure", self.begin, history.iteration, {}, reason, "chance")


def _recipes(table: dict[str, tuple[Setting, ...]]) -> Iterator[Recipe]:
    for condition, settings in table.items():
        yield from (Recipe(condition, setting) for setting in settings)
