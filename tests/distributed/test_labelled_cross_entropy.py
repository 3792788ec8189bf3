"""The mean over labelled samples: two gloo processes with different numbers of labels against the joined batch."""

import subprocess
import sys

import pytest
import torch
import torch.distributed as dist

from gan_lightning.functional import labelled_cross_entropy

WORLD = 2
LABEL = torch.tensor([0, -1, 2, -1, 1, -1, 0, 2])
"""Of rank 0, the even rows, all are labelled; of rank 1 one is."""


def loss_and_gradient(rows):
    """The loss of some rows, and its gradient averaged over ranks, as the training loop makes it."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(8, 4, generator=generator, dtype=torch.float64)[rows]
    weight = torch.randn(4, 3, generator=generator, dtype=torch.float64).requires_grad_()
    loss = labelled_cross_entropy(x @ weight, LABEL[rows])
    (gradient,) = torch.autograd.grad(loss, weight)
    result = torch.cat([loss.detach().view(1), gradient.flatten()])
    if dist.is_initialized():
        dist.all_reduce(result)
        result /= WORLD
    return result


def work(folder, rank):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=WORLD)
    try:
        torch.save(loss_and_gradient(slice(rank, None, WORLD)), f"{folder}/{rank}.pt")
    finally:
        dist.destroy_process_group()


@pytest.mark.ddp
def test_two_ranks_equal_one_process_with_the_joined_batch(tmp_path):
    processes = [subprocess.Popen([sys.executable, __file__, str(tmp_path), str(rank)]) for rank in range(WORLD)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    for rank in range(WORLD):
        torch.testing.assert_close(torch.load(tmp_path / f"{rank}.pt"), loss_and_gradient(slice(None)))


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
