"""The mean over ranks: two gloo processes against one process with the joined batch."""

import subprocess
import sys

import pytest
import torch
import torch.distributed as dist

from gan_lightning.distributed.mean_over_ranks import mean_over_ranks
from gan_lightning.losses import RelativisticAverage

WORLD = 2


def joined_batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 8, 3, generator=generator, dtype=torch.float64)  # real and fake


def weight():
    return torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)


def spread(logits):
    """A loss that couples all samples: each is compared with the mean of all."""
    return (logits - mean_over_ranks(logits.mean())).pow(4).mean()


def relativistic(logits):
    return RelativisticAverage().d_loss(*logits)


def loss_and_gradients(batch, loss):
    """One rank's loss, its gradient, and the gradient of the gradient's square."""
    w = weight()
    value = loss((batch @ w).tanh())
    (gradient,) = torch.autograd.grad(value, w, create_graph=True)
    return value.detach(), gradient


def of_all_ranks(batch, loss):
    """Gradients as the training loop makes them: averaged over ranks."""
    value, gradient = loss_and_gradients(batch, loss)
    result = torch.cat([value.view(1), gradient.detach()])
    if dist.is_initialized():
        dist.all_reduce(result)
        result /= dist.get_world_size()
    return result


def second_order(batch):
    """The gradient of a function of a mean's gradient, which goes through the backward's backward."""
    w = weight()
    total = mean_over_ranks((batch @ w).tanh().mean()) ** 3
    (gradient,) = torch.autograd.grad(total, w, create_graph=True)
    (second,) = torch.autograd.grad(gradient.square().sum(), w)
    return torch.cat([gradient.detach(), second])


def work(folder, rank):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=WORLD)
    try:
        own = joined_batch()[:, rank::WORLD]
        results = {
            "mean": mean_over_ranks(torch.tensor([1.0, 10.0]) * (rank + 1)),
            "spread": of_all_ranks(own[0], spread),
            "relativistic": of_all_ranks(own, relativistic),
            "twice": second_order(joined_batch()[0]),  # the same batch everywhere: the mean changes nothing
        }
        torch.save(results, f"{folder}/{rank}.pt")
    finally:
        dist.destroy_process_group()


@pytest.mark.ddp
def test_two_ranks_equal_one_process_with_the_joined_batch(tmp_path):
    # This file is run, not pickled: pytest's importlib mode gives it a name that another process cannot import.
    command = [sys.executable, __file__, str(tmp_path)]
    ranks = [subprocess.Popen([*command, str(rank)], stderr=subprocess.PIPE, text=True) for rank in range(WORLD)]
    try:
        errors = [rank.communicate(timeout=120)[1] for rank in ranks]
    finally:
        for rank in ranks:
            rank.kill()
    assert [rank.returncode for rank in ranks] == [0] * WORLD, "\n".join(errors)
    batch = joined_batch()
    expected = {
        "mean": torch.tensor([1.5, 15.0]),
        "spread": of_all_ranks(batch[0], spread),
        "relativistic": of_all_ranks(batch, relativistic),
        "twice": second_order(batch[0]),
    }
    for rank in range(WORLD):
        results = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        for name, value in expected.items():
            torch.testing.assert_close(results[name], value, rtol=1e-12, atol=1e-12, msg=f"{name} on rank {rank}")


def test_one_process_is_left_alone():
    x = torch.randn(3, requires_grad=True)
    assert mean_over_ranks(x) is x


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
