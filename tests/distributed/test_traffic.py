"""What two ranks send each other: one all-reduce per update, as large as the gradients of the updated player."""

from typing import Any
from unittest.mock import patch

import pytest
import torch
from helpers import fit, points, weights
from lightning.pytorch import Callback
from lightning.pytorch.strategies import DDPStrategy
from techniques import toy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from two_ranks import leave_results, results_of_two_ranks

from gan_lightning.distributed import average_gradients
from gan_lightning.mixins import R1, GradientPenalty

CASES: dict[str, tuple[tuple[type, ...], dict[str, Any]]] = {
    "plain": ((), {}),
    "penalty": ((R1,), {}),
    "two penalties": ((R1, GradientPenalty), {}),
    "lazy penalty": ((R1,), {"r1_every": 2}),
    "n_critic": ((), {"d_steps": 3}),
    "two generator steps": ((), {"g_steps": 2}),
    "accumulated": ((R1,), {"micro_batches_d": 2, "micro_batches_g": 4}),
    "clipped": ((), {"clip_d": 0.1, "clip_g": 0.1}),
    "batch norm": ((), {"norm_d": "batch", "norm_g": "batch"}),
    "in buckets": ((), {}),
}
BATCHES = 6
SMALL_BUCKET = 64
"""In bytes; less than a layer of the toy."""


class Traffic(TorchDispatchMode):
    """Note the name and bytes of each collective of this process, whoever starts it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.namespace == "c10d":
            tensors = [x for x in tree_leaves(args) if isinstance(x, torch.Tensor)]
            self.seen.append((func._opname, sum(x.numel() * x.element_size() for x in tensors)))
        return func(*args, **(kwargs or {}))

    def take(self) -> list[tuple[str, int]]:
        taken, self.seen = self.seen, []
        return taken


class PerUpdate(Callback):
    """Divide the traffic between the updates, and what comes after the last of a batch."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.updates: list[dict[str, Any]] = []
        self.between: list[tuple[str, int]] = []

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx:
            self.between += self.traffic.take()
        self.traffic.take()

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        player = pl_module._player_d if pl_module._player_d.owns(optimizer) else pl_module._player_g
        size = sum(p.grad.numel() * p.grad.element_size() for p in player.params)
        self.updates.append({"player": player.name, "bytes": size, "sent": self.traffic.take()})


def observe(case: str) -> dict[str, Any]:
    mixins, settings = CASES[case]
    buckets = {"BUCKET_BYTES": SMALL_BUCKET, "IN_FLIGHT": 2} if case == "in buckets" else {}
    gan = toy(*mixins, **settings)
    with patch.dict(average_gradients.__globals__, buckets), Traffic() as traffic:
        seen = PerUpdate(traffic)
        strategy = DDPStrategy(process_group_backend="gloo")
        fit(gan, points(batches=BATCHES), strategy=strategy, devices=2, callbacks=[seen])
    return {"updates": seen.updates, "between": seen.between, "weights": weights(gan)}


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return results_of_two_ranks(__file__, tmp_path_factory.mktemp("ranks"))


def expected_updates(settings: dict[str, Any]) -> str:
    turn = "d" * settings.get("d_steps", 1) + "g" * settings.get("g_steps", 1)
    return turn * (BATCHES // settings.get("d_steps", 1))


@pytest.mark.ddp
@pytest.mark.parametrize("case", CASES)
def test_an_update_sends_its_players_gradients_once(case: str, two_ranks: list[dict[str, Any]]) -> None:
    for rank in two_ranks:
        found = rank[case]
        assert "".join(update["player"] for update in found["updates"]) == expected_updates(CASES[case][1])
        for i, update in enumerate(found["updates"]):
            # Its first forward is where DDP shares the buffers, once.
            sent = [each for each in update["sent"] if i or each[0] != "broadcast_"]
            assert {name for name, _ in sent} == {"allreduce_"}
            assert sum(size for _, size in sent) == update["bytes"]
            assert (len(sent) > 1) == (case == "in buckets")


@pytest.mark.ddp
@pytest.mark.parametrize("case", CASES)
def test_else_only_lightnings_word_on_sigterm_is_sent(case: str, two_ranks: list[dict[str, Any]]) -> None:
    assert [rank[case]["between"] for rank in two_ranks] == 2 * [(BATCHES - 1) * [("broadcast_", 8)]]


@pytest.mark.ddp
def test_buckets_change_nothing(two_ranks: list[dict[str, Any]]) -> None:
    for rank in two_ranks:
        assert torch.equal(rank["in buckets"]["weights"], rank["plain"]["weights"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    leave_results({case: observe(case) for case in CASES})
