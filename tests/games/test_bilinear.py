"""The bilinear game min_x max_y x A y: plain descent circles its equilibrium 0, the game optimizers reach it."""

import torch
from helpers import Batches, fit, make, weights
from torch import nn

from gan_lightning.extragradient import ExtraAdam
from gan_lightning.losses import Wasserstein
from gan_lightning.negative_momentum import NegativeMomentumSGD


class Player(nn.Module):
    """A vector: the generator's point, wherever the latent lies, or the discriminator's slope."""

    def __init__(self, *start):
        super().__init__()
        self.vector = nn.Parameter(torch.tensor([start], dtype=torch.float64))


class Point(Player):
    def forward(self, z):
        return self.vector.expand(len(z), -1)


class Slope(Player):
    def forward(self, x):
        return (x * self.vector).sum(1)


def distance(optimizer, updates):
    """Play with real samples at 0 and the Wasserstein loss, so that D maximises -x y, and G minimises it."""
    players = {"generator": Point(1.0, -0.5), "discriminator": Slope(0.3, 1.0)}
    gan = make(**players, loss=Wasserstein(), optimizer_d=optimizer, optimizer_g=optimizer, joint_pass=False)
    fit(gan, Batches(*torch.zeros(updates, 1, 2, dtype=torch.float64)), precision="64-true")
    return float(weights(gan).norm())


START = (1.0 + 0.25 + 0.09 + 1.0) ** 0.5


def test_gradient_descent_circles():
    assert distance(lambda params: torch.optim.SGD(params, lr=0.5), 400) > 0.5 * START


def test_positive_momentum_spirals_out():
    assert distance(lambda params: torch.optim.SGD(params, lr=0.5, momentum=0.5), 100) > 10 * START


def test_negative_momentum_spirals_in():
    assert distance(lambda params: NegativeMomentumSGD(params, lr=0.5), 400) < 1e-4


ADAM = {"lr": 0.1, "betas": (0.0, 0.999)}


def test_adam_circles():
    assert distance(lambda params: torch.optim.Adam(params, **ADAM), 600) > 0.2 * START


def test_extragradient_adam_spirals_in():
    assert distance(lambda params: ExtraAdam(params, **ADAM), 600) < 0.01
