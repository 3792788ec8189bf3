"""The rows of the table: which configurations, on which mixture, what was published for them and what is asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

HERE = Path(__file__).parent
RUNS = HERE / "results" / "runs"
SEEDS = range(5)
"""The published ones; others served to choose the recipes."""

Mixture = Literal["ring", "grid"]
MIXTURES: dict[Mixture, int] = {"ring": 8, "grid": 25}
"""How many modes they have."""


class Recipe(NamedTuple):
    """What the table says of a file in ``recipes/``.

    Args:
        title: what it is called.
        beyond: what it changes beyond the loss and the techniques in its title; of the networks and rates, which the
            published rows share, in capital letters.
    """

    title: str
    beyond: str = ""


RECIPES = {
    "vanilla": Recipe("vanilla"),
    "rsgan": Recipe("RSGAN"),
    "pacgan2": Recipe("PacGAN2"),
    "pacgan2_relativistic": Recipe("PacGAN2, relativistic"),
    "relativistic_r1_r2": Recipe("relativistic, R1 and R2"),
    "pacgan2_relu": Recipe("PacGAN2", "NETWORK: RELU in G"),
    "pacgan2_cosine": Recipe("PacGAN2", "RATES: 5 x, cosine to 0"),
    "pacgan2_relativistic_cosine": Recipe("PacGAN2, relativistic", "RATES: 5 x, cosine to 0"),
}
"""In the order of the table; the first has no file, for the mixture's own is it."""

TRIED = {
    "pacgan2_ema": Recipe("PacGAN2", "average of G"),
    "pacgan2_decay": Recipe("PacGAN2", "rates fall to 0 along a cosine"),
    "pacgan2_fresh": Recipe("PacGAN2", "latents of its own for G"),
    "pacgan2_faster": Recipe("PacGAN2", "RATES: 10 x, cosine to 0"),
    "pacgan2_milder": Recipe("PacGAN2", "RATES: 2.5 x, cosine to 0"),
    "pacgan4_cosine": Recipe("PacGAN4", "RATES: 5 x, cosine to 0"),
    "pacgan2_r1_r2_cosine": Recipe("PacGAN2, relativistic, R1 and R2", "RATES: 5 x, cosine to 0"),
    "relativistic_r1_r2_cosine": Recipe("relativistic, R1 and R2", "RATES: 5 x, cosine to 0"),
}
"""Candidates, on the seeds for choosing alone; what is chosen moves to ``RECIPES``."""
CHOOSING = range(100, 102)
"""Those seeds, which no table but the one of candidates uses."""


@dataclass(frozen=True)
class Row:
    """One configuration on one mixture.

    Args:
        mixture: name of the file with the protocol and the data.
        recipe: name of the file in ``recipes/`` that changes it, if it is there.
    """

    mixture: Mixture
    recipe: str = "vanilla"

    @property
    def name(self) -> str:
        """What ``--only`` and the files of finished runs call it."""
        return f"{self.mixture}_{self.recipe}"

    @property
    def configs(self) -> list[Path]:
        """The files, each of which changes the one before."""
        recipe = HERE / "recipes" / f"{self.recipe}.yaml"
        return [HERE / f"{self.mixture}.yaml", *([recipe] if recipe.exists() else [])]

    def file(self, seed: int) -> Path:
        """Where the figures of a finished run are kept."""
        return RUNS / f"{self.name}-{seed}.json"


ROWS = {row.name: row for recipe in (*RECIPES, *TRIED) for mixture in MIXTURES for row in [Row(mixture, recipe)]}
"""In the order in which they are run; those tried have to be named."""


class Published(NamedTuple):
    """The mean over five seeds and, where it is published, the standard deviation; in how many all modes were found."""

    modes: str
    complete: str
    valid: str
    tv: str


PUBLISHED = {
    ("ring", "vanilla", 10_000): Published("7.6 +- 0.9", "4/5", "84.9% +- 1.2%", "0.226 +- 0.072"),
    ("ring", "rsgan", 10_000): Published("7.4 +- 1.3", "4/5", "83.6% +- 1.5%", "0.281 +- 0.170"),
    ("ring", "paired", 10_000): Published("8.0 +- 0.0", "5/5", "83.1% +- 0.3%", "0.169 +- 0.003"),
    ("ring", "vanilla", 50_000): Published("6.8 +- 0.8", "1/5", "92.7% +- 1.6%", "0.183 +- 0.074"),
    ("ring", "rsgan", 50_000): Published("7.4 +- 1.3", "4/5", "93.0% +- 1.7%", "0.198 +- 0.220"),
    ("ring", "paired", 50_000): Published("8.0 +- 0.0", "5/5", "93.1% +- 2.0%", "0.069 +- 0.020"),
    ("grid", "vanilla", 50_000): Published("7.2", "0/5", "73.7%", "0.718 +- 0.023"),
    ("grid", "rsgan", 50_000): Published("7.8", "0/5", "73.5%", "0.686 +- 0.039"),
    ("grid", "pacgan2", 50_000): Published("24.6", "4/5", "78.4%", "0.216 +- 0.034"),
    ("grid", "paired", 50_000): Published("24.4", "4/5", "75.8%", "0.242 +- 0.050"),
}
"""By mixture, recipe and iteration: results/ring8-relativistic-comparison/REPORT.md and
results/grid-pacgan2-comparison-v1/REPORT.md of https://github.com/brycesandlund/paired-discriminator"""


class Target(NamedTuple):
    """What a row has to reach on average at the end, with all modes in all seeds."""

    tv: float
    valid: float


TARGETS: dict[Mixture, Target] = {"ring": Target(tv=0.05, valid=0.0), "grid": Target(tv=0.15, valid=0.75)}
