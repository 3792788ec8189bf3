"""The game of Salimans et al. 2016, section 3.3: value (f(x) - 1)(y - 1), f(x) = x below zero and x^2 above.

One player minimises over x, the other maximises over y, by gradient descent at the same time. The equilibrium is
(1, 1). The paper: descent alone orbits, historical averaging converges.
"""

import math

import torch
from helpers import Batches, fit, make
from torch import Tensor, nn

from gan_lightning import losses
from gan_lightning.functional import add_to_history_, history_penalty
from gan_lightning.mixins import HistoricalAveraging

RATE = 0.05
START = (-1.5, 2.0)


def f(x: Tensor) -> Tensor:
    return torch.where(x < 0, x, x.square())


def distance(x: float, y: float) -> float:
    return math.hypot(x - 1, y - 1)


def play(weight: float, steps: int) -> float:
    """Return the largest distance to the equilibrium over the last hundred steps."""
    players = [torch.tensor([value], dtype=torch.float64, requires_grad=True) for value in START]
    means, counts = [torch.zeros(1, dtype=torch.float64) for _ in range(2)], [torch.tensor(0) for _ in range(2)]
    seen = []
    for _ in range(steps):
        for mean, count, player in zip(means, counts, players, strict=True):
            add_to_history_(mean, count, [player])
        x, y = players
        value = (f(x) - 1) * (y - 1)
        costs = [sign * value.sum() + weight * history_penalty([player], mean)
                 for sign, player, mean in zip((1, -1), players, means, strict=True)]  # fmt: skip
        gradients = [torch.autograd.grad(cost, p, retain_graph=True)[0] for cost, p in zip(costs, players, strict=True)]
        with torch.no_grad():
            for player, gradient in zip(players, gradients, strict=True):
                player -= RATE * gradient
        seen.append(distance(x.item(), y.item()))
    return max(seen[-100:])


def test_descent_at_the_same_time_flies_off_and_historical_averaging_converges() -> None:
    assert play(weight=0.0, steps=400) > distance(*START)
    assert play(weight=0.1, steps=1000) < 0.2


class Point(nn.Module):
    """A generator that makes one number, wherever the latent lies."""

    def __init__(self) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.tensor([START[0]]))

    def forward(self, z: Tensor) -> Tensor:
        return self.x.expand(len(z), 1)


class Slope(nn.Module):
    """A discriminator that says (1 - f(x)) (1 - y) of a generated sample, and nothing of a real one."""

    def __init__(self) -> None:
        super().__init__()
        self.y = nn.Parameter(torch.tensor([START[1]]))

    def forward(self, x: Tensor) -> Tensor:
        return -(f(x) - 1) * (self.y - 1)


def descend(params):
    return torch.optim.SGD(params, lr=0.1)


def train(weight: float) -> float:
    """Play in turn, as a GAN: the reals are equilibrium points, of which the Wasserstein loss is zero for any y."""
    arguments = {"history_weight_d": weight, "history_weight_g": weight, "optimizer_d": descend, "optimizer_g": descend}
    gan = make(HistoricalAveraging, generator=Point(), discriminator=Slope(), loss=losses.Wasserstein(), **arguments)
    fit(gan, Batches(*torch.ones(600, 1, 1)))
    return distance(gan.generator.x.item(), gan.discriminator.y.item())


def test_descent_in_turn_orbits_and_the_mixin_converges() -> None:
    """Without it the orbit never comes nearer than 0.99."""
    assert train(weight=0.0) > 0.9
    assert train(weight=0.1) < 0.05
