"""Strategies that cannot train a GAN are refused at set-up, and which parts of a network are gathered one at a time."""

from types import SimpleNamespace
from typing import Any

import pytest
from helpers import mlp
from lightning.pytorch.plugins.precision import Precision
from lightning.pytorch.strategies import DeepSpeedStrategy, FSDPStrategy, ModelParallelStrategy
from torch import nn

from gan_lightning.networks import R3GANDiscriminator
from gan_lightning.preflight import check_trainer
from gan_lightning.sharding import blocks_of


def trainer_with(kind: type, **state: Any) -> Any:
    """A trainer with a strategy whose constructor asks for hardware, or for a package, that is not there."""
    strategy = object.__new__(kind)
    vars(strategy).update(state)
    return SimpleNamespace(
        strategy=strategy, precision_plugin=Precision(), precision="32-true", checkpoint_callbacks=[]
    )


@pytest.mark.parametrize(
    ("kind", "state", "message"),
    [
        (DeepSpeedStrategy, {}, "DeepSpeed supports a single optimizer, and a GAN has two: use strategy='ddp'"),
        (FSDPStrategy, {}, "FSDP1 does not support several forwards.*ModelParallelStrategy"),
        (
            ModelParallelStrategy,
            {"_tensor_parallel_size": 2, "_data_parallel_size": 1, "cluster_environment": None},
            "tensor_parallel_size=2, and .* use ModelParallelStrategy",
        ),
    ],
)
def test_strategies_that_cannot_work_are_refused(kind: type, state: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_trainer(trainer_with(kind, **state))


def test_sharding_is_accepted() -> None:
    check_trainer(trainer_with(ModelParallelStrategy, _tensor_parallel_size=1))


def test_the_blocks_of_a_network_are_gathered_one_at_a_time() -> None:
    network = R3GANDiscriminator((1, 16, 16), width=8, num_blocks=2)
    names = [type(block).__name__ for block in blocks_of(network)]
    assert names.count("Bottleneck") == 6
    assert "Conv2d" not in names


def test_a_block_that_shares_parameters_stays_with_the_rest() -> None:
    first, second, third = (mlp(2, 2) for _ in range(3))
    second[0].weight = first[0].weight
    assert blocks_of(nn.ModuleList([nn.Sequential(first, second, third)])[0]) == [third]


def test_layers_alone_and_parts_without_parameters_are_no_blocks() -> None:
    assert blocks_of(nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()), nn.Linear(2, 1))) == []
