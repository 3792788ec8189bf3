"""The order in which samples are drawn: a pure function of seed, epoch and rank."""

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor, distributed


def derive_seed(purpose: str, *parts: int) -> int:
    """Return a 63-bit seed from a purpose and integers, unrelated for any two different inputs.

    Args:
        purpose: what the seed is for, such that one user seed can serve many purposes.
        parts: e.g. the user's seed and the epoch.

    Example:
        >>> derive_seed("order", 0, 1) == derive_seed("order", 1, 0)
        False
    """
    # A hash, because torch's CPU generator looks at the low 32 bits only: seed + epoch would share epochs between
    # neighbouring seeds, and seed in the high bits would be ignored.
    text = " ".join([purpose, *map(str, parts)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def rank_and_world_size() -> tuple[int, int]:
    """Return this process's rank and the number of processes: (0, 1) where torch.distributed is not initialised."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


class EpochOrder:
    """Say which samples form batch i of epoch e on this rank.

    Epoch e is a permutation drawn from a generator of its own, never from the global one. With B samples per batch and
    W ranks, the joined batch i is ``permutation[i * B * W : (i + 1) * B * W]`` and rank r takes its r-th slice of B: W
    ranks with B see together what one process with B * W sees.

    Without ``drop_last`` the last joined batch has t < B * W samples, and rank r takes the r-th of W consecutive parts
    whose sizes differ by at most one. If t < W, the samples repeat such that each rank has one: all ranks have equally
    many batches and none is empty.

    Args:
        num_samples: size of the data set, at least 1.
        batch_size: samples per batch and rank, at least 1.
        seed: equal on all ranks.
        shuffle: permute; otherwise each epoch goes from the first sample to the last.
        drop_last: leave out the samples that do not fill a joined batch; another epoch's permutation brings them.

    Raises:
        ValueError: if there is no sample, ``batch_size`` is below 1, or with ``drop_last`` there is not one full batch
            (on one rank: at construction; on all ranks: once the length is asked for or a batch is drawn).

    Example:
        >>> order = EpochOrder(10, batch_size=4, shuffle=False)
        >>> len(order), [batch.tolist() for batch in order.batches(epoch=0)]
        (2, [[0, 1, 2, 3], [4, 5, 6, 7]])
    """

    def __init__(
        self, num_samples: int, batch_size: int, seed: int = 0, shuffle: bool = True, drop_last: bool = True
    ) -> None:
        if num_samples < 1:
            raise ValueError("the data set is empty: there is nothing to draw from")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.num_samples, self.batch_size, self.seed = num_samples, batch_size, seed
        self.shuffle, self.drop_last = shuffle, drop_last
        self._require_full_batch(1)

    def __len__(self) -> int:
        """Batches per epoch, the same on all ranks."""
        _, world_size = rank_and_world_size()
        # Here too: Lightning takes a length of zero as "no training" and returns without an error.
        self._require_full_batch(world_size)
        joined = self.batch_size * world_size
        return self.num_samples // joined if self.drop_last else -(-self.num_samples // joined)

    def permutation(self, epoch: int) -> Tensor:
        """Return all indices (num_samples,) in the order of an epoch, the same on all ranks."""
        if not self.shuffle:
            return torch.arange(self.num_samples)
        generator = torch.Generator().manual_seed(derive_seed("order", self.seed, epoch))
        return torch.randperm(self.num_samples, generator=generator)

    def batches(self, epoch: int, start: int = 0, device: torch.device | None = None) -> Iterator[Tensor]:
        """Yield this rank's indices (B,) batch by batch.

        Args:
            epoch: counted from 0.
            start: the first batch to yield.
            device: where the indices live; the CPU by default. They move there once per epoch.
        """
        rank, world_size = rank_and_world_size()
        num_batches, joined = len(self), self.batch_size * world_size
        permutation = self.permutation(epoch).to(device or "cpu")
        for begin in range(start * joined, num_batches * joined, joined):
            if begin + joined <= self.num_samples:
                offset = begin + rank * self.batch_size
                yield permutation[offset : offset + self.batch_size]
            else:
                yield _share(permutation[begin:], rank, world_size)

    def _require_full_batch(self, world_size: int) -> None:
        if not self.drop_last or self.num_samples >= self.batch_size * world_size:
            return
        need = f"one batch of {self.batch_size}"
        if world_size > 1:
            need += f" on each of {world_size} devices ({self.batch_size * world_size})"
        most = self.num_samples // world_size
        cure = f"lower batch_size to at most {most}" if most else f"use at most {self.num_samples} devices"
        raise ValueError(f"the {self.num_samples} samples do not fill {need}: {cure}")


def _share(tail: Tensor, rank: int, world_size: int) -> Tensor:
    if len(tail) < world_size:
        return tail[rank % len(tail)].unsqueeze(0)
    return tail.tensor_split(world_size)[rank]
