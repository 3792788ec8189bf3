"""Historical averaging in a fit: the same by hand, the state it keeps, and where the state goes."""

from copy import deepcopy
from typing import Any

import pytest
import torch
from helpers import fit, make, points, weights
from torch import nn
from torch.nn.functional import softplus

from gan_lightning import AdamGAN
from gan_lightning.mixins import HistoricalAveraging


def flat(network: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_the_weights_are_those_of_the_papers_objective_trained_by_hand() -> None:
    gan = make(HistoricalAveraging, history_weight_d=0.5, history_weight_g=2.0, joint_pass=False)
    twin, data = make(), points(batches=5)
    fit(gan, data)
    optimizers = {player: AdamGAN(player.parameters()) for player in (twin.discriminator, twin.generator)}
    past: dict[nn.Module, list[torch.Tensor]] = {player: [] for player in optimizers}

    def update(player: nn.Module, loss: torch.Tensor, weight: float) -> None:
        past[player].append(flat(player))
        mean = torch.stack(past[player]).mean(0)
        theta = torch.cat([p.flatten() for p in player.parameters()])
        optimizers[player].zero_grad()
        (loss + weight * (theta - mean).square().sum()).backward()
        optimizers[player].step()

    torch.manual_seed(2)
    for real in data:
        fake = twin.generator(torch.randn(8, 4))
        logits = [twin.discriminator(x) for x in (real, fake.detach())]
        update(twin.discriminator, softplus(-logits[0]).mean() + softplus(logits[1]).mean(), 0.5)
        update(twin.generator, softplus(-twin.discriminator(fake)).mean(), 2.0)
    torch.testing.assert_close(weights(gan), weights(twin), rtol=0, atol=1e-6)
    torch.testing.assert_close(gan.history_g, torch.stack(past[twin.generator]).mean(0))


def test_each_player_counts_its_own_updates() -> None:
    gan = make(HistoricalAveraging, d_steps=2, g_steps=3)
    fit(gan, points(batches=4))
    assert (gan.history_count_d.item(), gan.history_count_g.item()) == (4, 6)


def test_micro_batches_are_one_update() -> None:
    parts = {"micro_batches_d": 2, "micro_batches_g": 2}
    gan = make(HistoricalAveraging, history_weight_d=10.0, **parts)
    fit(gan)
    assert gan.history_count_d == 4
    whole = make(HistoricalAveraging, history_weight_d=10.0)
    fit(whole)
    torch.testing.assert_close(gan.history_d, whole.history_d, rtol=0, atol=1e-3)


def test_a_player_with_no_weight_has_no_history() -> None:
    gan = make(HistoricalAveraging, history_weight_d=0.0)
    fit(gan)
    assert gan.history_d is None
    assert {name for name in gan.state_dict() if "history" in name} == {"history_g", "history_count_g"}


def test_a_weight_may_be_turned_on_while_it_trains() -> None:
    gan = make(HistoricalAveraging, history_weight_d=0.0, history_weight_g=0.0)
    fit(gan)
    gan.history_weight_d = 0.1
    fit(gan)
    assert gan.history_count_d == 4


def test_fresh_modules_load_the_history_and_copies_have_their_own() -> None:
    gan, fresh = make(HistoricalAveraging), make(HistoricalAveraging)
    fit(gan)
    fresh.load_state_dict(gan.state_dict())
    assert torch.equal(fresh.history_d, gan.history_d)
    assert fresh.history_count_g == 4
    copied = deepcopy(make(HistoricalAveraging))
    copied.load_state_dict(gan.state_dict())
    copied.history_d.zero_()
    assert gan.history_d.abs().sum() > 0


def test_a_state_without_history_takes_it_away() -> None:
    fresh, gan = make(HistoricalAveraging), make(HistoricalAveraging)
    fit(gan)
    gan.load_state_dict(fresh.state_dict())
    assert gan.history_d is None
    assert gan.history_count_g is None
    for each in (fresh, gan):
        fit(each)
    assert torch.equal(weights(gan), weights(fresh))
    assert gan.history_count_d == 4


def test_it_follows_type_conversions() -> None:
    gan = make(HistoricalAveraging)
    fit(gan)
    gan.double()
    fit(gan, points(dtype=torch.float64), precision="64-true")
    assert gan.history_d.dtype == torch.float64
    assert gan.history_count_d.dtype == torch.int64
    assert gan.history_count_d == 8


@pytest.mark.parametrize("arguments", [{"history_weight_d": -1.0}, {"history_weight_g": -1.0}])
def test_bad_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected history_weight_d >= 0 and history_weight_g >= 0"):
        make(HistoricalAveraging, **arguments)
