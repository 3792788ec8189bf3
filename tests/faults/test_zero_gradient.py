"""A graph that is cut in a user's network is told, not trained past."""

import pytest
import torch
from helpers import LATENT, fit, make, mlp, points
from torch import Tensor, nn


class Detached(nn.Module):
    """Looks like the identity."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


class Rounded(nn.Module):
    """Goes through an index, and back."""

    def forward(self, x: Tensor) -> Tensor:
        return (x > 0).long().float()


def test_samples_that_are_cut_off_from_the_generator() -> None:
    with pytest.raises(ValueError, match=r"the generator's samples are cut off from its parameters.*Sequential"):
        fit(make(generator=nn.Sequential(mlp(LATENT, 2), Detached())))


@pytest.mark.parametrize("cut", [Detached, Rounded])
def test_a_discriminator_through_which_no_gradient_comes_back(cut: type[nn.Module]) -> None:
    with pytest.raises(ValueError, match="no gradient leads from the discriminator's logits to its samples"):
        fit(make(discriminator=nn.Sequential(cut(), mlp(2, 1))))


def test_logits_that_are_cut_off_from_the_discriminator() -> None:
    with pytest.raises(ValueError, match="the discriminator's logits are cut off from its parameters"):
        fit(make(discriminator=nn.Sequential(mlp(2, 1), Detached())))


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_layers_that_a_cut_leaves_without_a_gradient_are_named(player: str) -> None:
    class HalfCut(nn.Module):
        def __init__(self, first: int, last: int) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(first, 8), nn.Linear(first, 8)
            self.last = nn.Linear(8, last)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.first(x).detach() + self.second(x))

    network = HalfCut(LATENT, 2) if player == "generator" else HalfCut(2, 1)
    told = rf"2 of the 6 parameters of player '{player[0]}' got no gradient .*: {player}.first.weight, {player}.first.b"
    with pytest.warns(UserWarning, match=told) as warned:
        fit(make(**{player: network}))
    assert len([each for each in warned if "got no gradient" in str(each.message)]) == 1


def test_whole_networks_and_parameters_frozen_on_purpose_are_not_told() -> None:
    generator = mlp(LATENT, 2)
    generator[0].requires_grad_(False)
    fit(make(generator=generator), points(batches=2))


def test_trying_the_graph_leaves_no_trace() -> None:
    generator = nn.Sequential(mlp(LATENT, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    gan = make(generator=generator)
    fit(gan, points(batches=1))
    assert int(gan.generator[1].num_batches_tracked) == 1
    assert torch.isfinite(gan.generator[1].running_mean).all()
