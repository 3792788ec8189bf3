"""DiracGAN, the smallest game in which GANs fail: which techniques reach its equilibrium, and the exact paths.

Reals lie at 0, the generator is one point theta, D(x) = psi x; the equilibrium is (0, 0) and play starts at (1, 1).
Training must follow the path worked out on paper; what the techniques do in the long run is read from that path.

Paper: Mescheder et al. 2018, sections 2 and 3, https://arxiv.org/abs/1801.04406
"""

from collections.abc import Callable
from functools import partial
from math import copysign, exp, hypot
from typing import Any

import pytest
import torch
from helpers import Batches, fit, make
from lightning.pytorch import Callback
from torch import nn

from gan_lightning import GAN, losses, mixins

RATE, PLAYED, STEPS = 0.1, 100, 2000


class Point(nn.Module):
    """The generator: theta, whatever the latent."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.ones(1, 1))

    def forward(self, z):
        return self.theta.expand(len(z), 1)


class Watch(Callback):
    """Note where both players are after each iteration."""

    def __init__(self) -> None:
        self.path: list[tuple[float, float]] = []

    def on_train_batch_end(self, trainer, gan, *_):
        self.path.append((gan.discriminator.weight.item(), gan.generator.theta.item()))


def play(cls: type[GAN], loss: str, settings: dict[str, Any]) -> list[tuple[float, float]]:
    """Train by gradient descent and return the path of (psi, theta)."""
    discriminator = nn.Linear(1, 1, bias=False)
    nn.init.ones_(discriminator.weight)
    descend = partial(torch.optim.SGD, lr=RATE)
    gan = make(
        cls, generator=Point(), discriminator=discriminator, loss=getattr(losses, loss)(),
        optimizer_d=descend, optimizer_g=descend, **settings,
    )  # fmt: skip
    watch = Watch()
    zeros = torch.zeros(PLAYED, 1, 1, dtype=torch.float64)
    fit(gan.double(), Batches(*zeros), precision="64-true", callbacks=[watch])
    return watch.path


def solve(
    d_slope: Callable[[float, float], float],
    g_slope: Callable[[float, float], float],
    bound: float = float("inf"),
) -> list[tuple[float, float]]:
    """Return the path by the slopes of the players' losses, worked out on paper; the discriminator moves first."""
    psi, theta, path = 1.0, 1.0, []
    for _ in range(STEPS):
        psi = max(-bound, min(bound, psi - RATE * d_slope(psi, theta)))
        theta -= RATE * g_slope(psi, theta)
        path.append((psi, theta))
    return path


def late_distances(game: str) -> list[float]:
    """Return the distances from the equilibrium over the last 200 steps."""
    return [hypot(*place) for place in GAMES[game][-1][-200:]]


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


def entropy_d(psi: float, theta: float) -> float:
    return theta * sigmoid(psi * theta)


def entropy_g(psi: float, theta: float) -> float:
    return -psi * sigmoid(-psi * theta)


def squared(gamma: float) -> Callable[[float, float], float]:
    """R1 and R2 alike: D has one slope everywhere."""
    return lambda psi, theta: entropy_d(psi, theta) + gamma * psi


def held_at_one(psi: float, theta: float) -> float:
    return theta + 2 * 0.25 * (abs(psi) - 1) * copysign(1, psi)


GAMES = {
    "minimax": (GAN, "Minimax", {}, solve(entropy_d, lambda psi, theta: -psi * sigmoid(psi * theta))),
    "non-saturating": (GAN, "NonSaturating", {}, solve(entropy_d, entropy_g)),
    "WGAN": (GAN, "Wasserstein", {}, solve(lambda psi, theta: theta, lambda psi, theta: -psi)),
    "WGAN, clipped": (
        mixins.WeightClipping, "Wasserstein", {"weight_clip": 0.3},
        solve(lambda psi, theta: theta, lambda psi, theta: -psi, bound=0.3),
    ),
    "WGAN-GP": (
        mixins.GradientPenalty, "Wasserstein", {"gp_weight": 0.25}, solve(held_at_one, lambda psi, theta: -psi),
    ),
    "DRAGAN": (
        mixins.DRAGAN, "Wasserstein", {"dragan_weight": 0.25}, solve(held_at_one, lambda psi, theta: -psi),
    ),
    "R1, weak": (mixins.R1, "NonSaturating", {"r1_gamma": 0.1}, solve(squared(0.1), entropy_g)),
    "R1": (mixins.R1, "NonSaturating", {"r1_gamma": 1.0}, solve(squared(1.0), entropy_g)),
    "R1, strong": (mixins.R1, "NonSaturating", {"r1_gamma": 10.0}, solve(squared(10.0), entropy_g)),
    "R2": (mixins.R2, "NonSaturating", {"r2_gamma": 1.0}, solve(squared(1.0), entropy_g)),
    "0-GP": (
        mixins.ZeroCenteredPenalty, "NonSaturating", {"zero_centered_weight": 0.5}, solve(squared(1.0), entropy_g),
    ),
}  # fmt: skip


@pytest.mark.parametrize("game", GAMES)
def test_training_follows_the_path_worked_out_on_paper(game: str) -> None:
    *settings, path = GAMES[game]
    played, expected = (torch.tensor(places, dtype=torch.float64) for places in (play(*settings), path[:PLAYED]))
    torch.testing.assert_close(played, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("game", ["minimax", "WGAN", "WGAN-GP", "DRAGAN"])
def test_without_damping_at_the_equilibrium_play_never_comes_closer(game: str) -> None:
    assert 1.2 < min(late_distances(game)) < max(late_distances(game)) < 1.45


def test_weight_clipping_circles_at_the_size_of_its_box() -> None:
    assert 0.28 < min(late_distances("WGAN, clipped")) < max(late_distances("WGAN, clipped")) < 0.31


@pytest.mark.parametrize("game", ["R1", "R2", "0-GP"])
def test_a_zero_centered_penalty_reaches_the_equilibrium(game: str) -> None:
    assert late_distances(game)[-1] < 1e-30


@pytest.mark.parametrize(
    ("game", "distance"),
    [("minimax", 1.4), ("non-saturating", 0.20), ("WGAN-GP", 1.26), ("R1, weak", 3.3e-5), ("R1, strong", 0.0067)],
)
def test_the_distances_after_2000_steps_are_those_on_record(game: str, distance: float) -> None:
    assert late_distances(game)[-1] == pytest.approx(distance, rel=0.02)


def test_finite_differences_approach_the_equilibrium_too() -> None:
    path = play(mixins.FiniteDifferencePenalty, "NonSaturating", {"fd_r1_gamma": 1.0})
    assert hypot(*path[-1]) < 0.2 < 0.5 < hypot(*GAMES["non-saturating"][-1][PLAYED - 1])
