"""Is it faster to average gradients while the backward still runs? Two processes, gloo, one discriminator's update.

Contestants, all with the same gradients to the last bit (asserted):

- ``none``: no averaging; what the others pay is above this
- ``ours``: ``average_gradients`` after the last backward: buckets of 8 MB, four on their way at a time
- ``one``: all gradients in one all-reduce after the last backward
- ``one by one``: buckets of 8 MB after the last backward, each waited for before the next
- ``overlap 2``, ``8``, ``25``: a bucket of so many MB starts as soon as the last backward has made its gradients, those
  of the last layers first; all are waited for before the gradients are clipped

Method: both ranks run the contestants in turns, in an order drawn anew each round and the same on both; the first round
is dropped. What counts is rank 0's wall clock, which includes waiting for the other rank. The ratio is the median over
the rounds of the ratio within a round, with its quartiles.

    python experiments/speed/overlap.py [--quick]
"""

import argparse
import multiprocessing
import os
import random
import socket
from collections.abc import Callable
from functools import partial
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from ways_to_average import WAYS, Average, gradients_of

from gan_lightning.networks import DCGANDiscriminator, MLPDiscriminator

RANKS = 2


class Workload(NamedTuple):
    """One discriminator's update.

    Args:
        network: the discriminator.
        shape: of a batch on one rank.
        micro_batches: backwards per update, each on a batch of that shape.
        updates: per turn of a contestant.
    """

    network: Callable[[], nn.Module]
    shape: tuple[int, ...]
    micro_batches: int
    updates: int


WORKLOADS = {
    "mlp": Workload(partial(MLPDiscriminator, (256,), width=1792, depth=4), (64, 256), 1, 3),
    "mlp_accumulated": Workload(partial(MLPDiscriminator, (256,), width=1792, depth=4), (32, 256), 2, 3),
    "conv": Workload(partial(DCGANDiscriminator, (3, 32, 32), width=224), (8, 3, 32, 32), 1, 2),
}


class Contestant:
    """A network of its own and a way to average its gradients."""

    def __init__(self, workload: Workload, average_of: Callable[[list[Tensor]], Average]) -> None:
        torch.manual_seed(0)
        self.network, self._parts = workload.network(), workload.micro_batches
        self.params: list[Tensor] = list(self.network.parameters())
        self._average = average_of(self.params)
        generator = torch.Generator().manual_seed(1 + dist.get_rank())
        self._batches = torch.randn(2 * self._parts, *workload.shape, generator=generator)

    def update(self) -> None:
        """Make the averaged gradients of one update, of real and fake samples in each micro-batch."""
        for p in self.params:
            p.grad = None
        for part in range(self._parts):
            real, fake = (self.network(x).logits for x in self._batches[2 * part : 2 * part + 2])
            loss = nn.functional.softplus(-real).mean() + nn.functional.softplus(fake).mean()
            if part == self._parts - 1:
                self._average.before_last_backward()
            loss.backward()  # type: ignore[no-untyped-call]
        self._average.finish()

    def gradient(self) -> Tensor:
        """Return the gradient of all parameters, flat."""
        return torch.cat([gradient.reshape(-1) for gradient in gradients_of(self.params)])


def measure(workload: Workload, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds per update of each contestant and round."""
    contestants = {name: Contestant(workload, average_of) for name, average_of in WAYS.items()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    order = random.Random(0)
    for turn in range(rounds + 1):
        for name in order.sample(list(contestants), len(contestants)):
            dist.barrier()
            start = perf_counter()
            for _ in range(workload.updates):
                contestants[name].update()
            if turn:
                times[name].append(1000 * (perf_counter() - start) / workload.updates)
    for name in list(contestants)[2:]:
        assert torch.equal(contestants[name].gradient(), contestants["ours"].gradient()), name
    return times


def work(rank: int, port: int, rounds: int) -> None:
    """Be one of the ranks."""
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    dist.init_process_group("gloo", rank=rank, world_size=RANKS)
    for name, workload in WORKLOADS.items():
        times = measure(workload, rounds)
        if rank == 0:
            show(name, sum(p.numel() for p in workload.network().parameters()), times)
    dist.destroy_process_group()


def show(workload: str, num_parameters: int, times: dict[str, list[float]]) -> None:
    """Print each contestant's time and its ratio to ``ours``."""
    print(f"{workload}: {4 * num_parameters / 1e6:.0f} MB of gradients")
    for name, own in times.items():
        low, mid, high = quantiles([a / b for a, b in zip(own, times["ours"], strict=True)], n=4)
        print(f"  {name:<12}{median(own):8.1f} ms  {mid:.3f} of ours ({low:.3f} .. {high:.3f})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 rounds in the place of 8")
    rounds = 3 if parser.parse_args().quick else 8
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ranks = [context.Process(target=work, args=(rank, port, rounds)) for rank in range(RANKS)]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join()


if __name__ == "__main__":
    main()
