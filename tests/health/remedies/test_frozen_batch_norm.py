"""Batch norm in the discriminator uses its running statistics while the lever is pulled."""

from typing import Any

import pytest
import torch
from helpers import InterruptError, StopAfter, fit, make, points, weights
from torch import Tensor, nn
from treatment import Treatment

from gan_lightning.health.remedies import FrozenBatchNorm


class Seen(nn.BatchNorm1d):
    """Batch norm that keeps whether it used the batch's statistics."""

    def __init__(self) -> None:
        super().__init__(8)
        self.of_the_batch: list[bool] = []

    def forward(self, x: Tensor) -> Tensor:
        self.of_the_batch.append(self.training)
        return super().forward(x)


def test_it_acts_while_it_is_active_and_leaves_no_trace() -> None:
    norm = Seen()
    judge = nn.Sequential(nn.Linear(2, 8), norm, nn.ReLU(), nn.Linear(8, 1))
    treatment = Treatment(FrozenBatchNorm(), first=2, end=4)
    trained(make(discriminator=judge), treatment)
    first = norm.of_the_batch.index(False)
    last = len(norm.of_the_batch) - norm.of_the_batch[::-1].index(False)
    assert 0 < first < last < len(norm.of_the_batch)
    assert not any(norm.of_the_batch[first:last])
    assert all(norm.of_the_batch[:first] + norm.of_the_batch[last:])
    assert (treatment.changes[0].before, treatment.changes[0].after) == ("of the batch", "running")
    assert norm.training
    assert not norm._forward_hooks
    assert not norm._forward_pre_hooks


def trained(gan: Any, *callbacks: Any, **arguments: Any) -> Tensor:
    fit(gan, points(), callbacks=list(callbacks), max_epochs=2, **arguments)
    return weights(gan)


def test_the_statistics_stay_as_they_are() -> None:
    def judge() -> nn.Sequential:
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))

    frozen, free = judge(), judge()
    trained(make(discriminator=frozen), Treatment(FrozenBatchNorm()))
    trained(make(discriminator=free))
    assert torch.equal(frozen[1].running_mean, torch.zeros(8))
    assert not torch.equal(free[1].running_mean, torch.zeros(8))


def test_a_run_resumed_in_the_middle_is_the_same(tmp_path: Any) -> None:
    def run(*callbacks: Any, **more: Any) -> Tensor:
        torch.manual_seed(0)
        judge = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
        return trained(make(discriminator=judge), Treatment(FrozenBatchNorm(), first=1, end=6), *callbacks, **more)

    straight, file = run(), tmp_path / "middle.ckpt"
    with pytest.raises(InterruptError):
        run(StopAfter(4, file))
    assert torch.equal(run(ckpt_path=file), straight)


def test_without_batch_norm_it_is_an_error_at_fit_start() -> None:
    with pytest.raises(ValueError, match="no batch norm with running statistics"):
        trained(make(), Treatment(FrozenBatchNorm()))
