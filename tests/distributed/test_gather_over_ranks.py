"""The rows of all ranks: two gloo processes against one process with the joined batch."""

import subprocess
import sys

import pytest
import torch
import torch.distributed as dist

from gan_lightning.distributed import gather_over_ranks
from gan_lightning.layers import MinibatchDiscrimination, MinibatchStdDev

WORLD = 2
TOTAL = 8


def joined_batch():
    return torch.randn(TOTAL, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def weight():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(3, 4, generator=generator, dtype=torch.float64).requires_grad_()


def similar_to_all(rows):
    """A loss of the own rows in which every rank's rows take part."""
    return (rows @ gather_over_ranks(rows).T).tanh().mean()


def of_all(rows):
    """One loss of all rows, the same on every rank."""
    return (gather_over_ranks(rows).logsumexp(0).square()).mean()


def discriminated(rows):
    layer = MinibatchDiscrimination(4, num_kernels=3, kernel_dim=2).double()
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(-1, 1, layer.weight.numel()).view_as(layer.weight))
    return layer(rows)[:, 4:].square().mean()


def varied(rows):
    return MinibatchStdDev(2)(rows)[:, 4:].square().mean()


LOSSES = {"similar": similar_to_all, "same": of_all, "discrimination": discriminated, "stddev": varied}


def averaged(value):
    """What the training loop does with gradients."""
    if dist.is_initialized():
        dist.all_reduce(value)
        value /= dist.get_world_size()
    return value


def gradients(batch, loss):
    """The averaged gradient by the weight."""
    w = weight()
    (first,) = torch.autograd.grad(loss((batch @ w).tanh()), w)
    return averaged(first)


def penalty_gradient(batch):
    """The gradient of an input gradient's square, which goes through the backward's backward."""
    w, batch = weight(), batch.clone().requires_grad_()
    rows = (batch @ w).tanh()
    logits = (rows @ gather_over_ranks(rows).T).tanh().mean(1)
    # Of the sum over all ranks' logits: the backward adds what the other ranks' losses owe to the own rows.
    (slope,) = torch.autograd.grad(logits.sum(), batch, create_graph=True)
    (second,) = torch.autograd.grad(slope.square().sum() / len(batch), w)
    return averaged(second)


def results_of(batch):
    found = {name: gradients(batch, loss) for name, loss in LOSSES.items()}
    return {**found, "penalty": penalty_gradient(batch)}


def work(folder, rank):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=WORLD)
    try:
        own = joined_batch().chunk(WORLD)[rank]
        layer = MinibatchDiscrimination(3, num_kernels=2).double().eval()
        alone = layer(own[: 1 + rank])  # ranks with batches of several sizes, in evaluation
        shifted = gather_over_ranks(joined_batch().T[:, rank::WORLD].T)  # not contiguous
        torch.save({**results_of(own), "alone": len(alone), "rows": shifted}, f"{folder}/{rank}.pt")
    finally:
        dist.destroy_process_group()


@pytest.mark.ddp
def test_two_ranks_equal_one_process_with_the_joined_batch(tmp_path):
    command = [sys.executable, __file__, str(tmp_path)]
    ranks = [subprocess.Popen([*command, str(rank)], stderr=subprocess.PIPE, text=True) for rank in range(WORLD)]
    try:
        errors = [rank.communicate(timeout=120)[1] for rank in ranks]
    finally:
        for rank in ranks:
            rank.kill()
    assert [rank.returncode for rank in ranks] == [0] * WORLD, "\n".join(errors)
    batch = joined_batch()
    expected = {**results_of(batch), "rows": torch.cat([batch[0::2], batch[1::2]])}
    for rank in range(WORLD):
        results = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert results["alone"] == 1 + rank
        for name, value in expected.items():
            torch.testing.assert_close(results[name], value, rtol=1e-12, atol=1e-12, msg=f"{name} on rank {rank}")


def test_one_process_is_left_alone():
    x = torch.randn(3, requires_grad=True)
    assert gather_over_ranks(x) is x


def test_a_scalar_has_no_rows():
    with pytest.raises(ValueError, match="got a scalar"):
        gather_over_ranks(torch.tensor(1.0))


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
