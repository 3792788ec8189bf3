"""Buffers and random states that are the same on all ranks."""

import torch
import torch.distributed as dist
from torch import Tensor, nn


def broadcast_buffers(module: nn.Module) -> None:
    """Overwrite all buffers by those of rank 0, in place.

    Each rank's BatchNorm follows its own batches; validation and checkpoints need one truth.
    """
    for buffer in module.buffers():
        dist.broadcast(buffer, src=0)


def same_random_state(device: torch.device) -> None:
    """Continue on all ranks with the random state of rank 0, on the CPU and on the CUDA device if that is the backend.

    The spine draws the latents of the joined batch on every rank and keeps the rank's own rows, so that W ranks with
    batch N draw what one process with batch W x N draws.
    """
    torch.set_rng_state(_of_rank_zero(torch.get_rng_state(), device))
    if device.type == "cuda":
        torch.cuda.set_rng_state(_of_rank_zero(torch.cuda.get_rng_state(device), device), device)


def _of_rank_zero(state: Tensor, device: torch.device) -> Tensor:
    carrier = state.to(device)  # NCCL moves tensors of its device only
    dist.broadcast(carrier, src=0)
    return carrier.cpu()
