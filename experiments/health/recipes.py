"""What a run is made of: a setting (data, networks, loss, author) and a condition (a fault, or a harmless change)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lightning.pytorch import Callback

from gan_lightning.health.verdict import Kind

ITERATIONS, LATER = 2500, 1500
"""Of a run; and before a fault that strikes in the middle of it."""


class Setting(NamedTuple):
    """Where a condition is tried.

    Args:
        data: name in ``sources.SOURCES``.
        loss: name in ``losses.LOSSES``.
        nets: "mlp" or "conv".
        author: "own" for a ``GAN`` of this package, "foreign" for a module of ``foreign.py``.
    """

    data: str
    loss: str
    nets: str = "mlp"
    author: str = "own"

    @property
    def name(self) -> str:
        return "-".join(self)

    @property
    def family(self) -> str:
        """How the table groups it."""
        images = self.data in ("digits", "mnist")
        kind = f"images {self.nets}" if images else "2-D"
        return kind if self.author == "own" else f"{kind}, foreign"


@dataclass(frozen=True)
class Condition:
    """What is done in a run.

    Args:
        title: what the table calls it.
        expected: kinds of verdict that name what goes wrong if it does, the name first, then those named as equal.
        why: why the others are as right as the first.
        broken: fails by construction, whatever the oracle sees: the samples may look well for a while.
        at: iteration from which it can be seen; 0 for the start.
        events: callbacks that bring it about, made anew for each run, given the length of the run.
        generator: arguments of the generator.
        discriminator: arguments of the discriminator.
        mixins: names of techniques.
        gan: arguments of the GAN.
        latent_dim: other than that of the setting.
        batch_size: other than that of the setting.
        lr: factor to both learning rates.
        num_samples: train on these many samples only.
        labels: train with labels.
        scale: hand out samples times this, plus ``scale - 1``: bytes in the place of [-1, 1], at 127.5.
        longer: factor to the iterations.
        trainer: arguments of the Trainer.
        module: name of the foreign module.
        loss: name of a loss in the place of the setting's.
    """

    title: str
    expected: tuple[Kind, ...] = ()
    why: str = ""
    broken: bool = False
    at: int = 0
    events: Callable[[int], list[Callback]] = lambda _: []
    generator: Mapping[str, Any] = field(default_factory=dict)
    discriminator: Mapping[str, Any] = field(default_factory=dict)
    mixins: tuple[str, ...] = ()
    gan: Mapping[str, Any] = field(default_factory=dict)
    latent_dim: int | None = None
    batch_size: int | None = None
    lr: float = 1.0
    num_samples: int | None = None
    labels: bool = False
    scale: float = 1.0
    longer: float = 1.0
    trainer: Mapping[str, Any] = field(default_factory=dict)
    module: str = "PlainGAN"
    loss: str | None = None


class Recipe(NamedTuple):
    """A condition in a setting.

    Args:
        condition: name in ``conditions.CONDITIONS``.
        setting: where.
    """

    condition: str
    setting: Setting

    @property
    def name(self) -> str:
        return f"{self.condition}.{self.setting.name}"


class Run(NamedTuple):
    """A recipe and a seed."""

    recipe: Recipe
    seed: int

    @property
    def name(self) -> str:
        return f"{self.recipe.name}-{self.seed}"
