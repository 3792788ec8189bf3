"""Networks whose weights are spread over the ranks (FSDP2), by Lightning's ``ModelParallelStrategy``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from lightning.fabric.utilities.load import _METADATA_FILENAME, _load_distributed_checkpoint
from lightning.pytorch.strategies import ModelParallelStrategy
from torch import nn
from torch.distributed.fsdp import FSDPModule, fully_shard

if TYPE_CHECKING:
    from gan_lightning.module import AdversarialModule


def shard_networks(gan: "AdversarialModule") -> None:
    """Spread both networks' weights, gradients and optimizer states over the ranks, if the strategy is for that."""
    if gan._trainer is None or not is_sharded(gan.trainer):
        return
    mesh: Any = gan.device_mesh
    for network in (gan.generator, gan.discriminator):
        if isinstance(network, FSDPModule):  # of an earlier fit
            continue
        network.to(memory_format=torch.contiguous_format)  # FSDP2 takes no other; images alone still choose the kernel
        for part in (*blocks_of(network), network):
            # Without this the outermost part stays whole after each forward that no backward follows.
            fully_shard(part, mesh=mesh["data_parallel"], reshard_after_forward=True)


def is_sharded(trainer: Any) -> bool:
    """Tell whether each rank holds a part of the weights only."""
    return isinstance(trainer.strategy, ModelParallelStrategy)


def blocks_of(network: nn.Module) -> list[nn.Module]:
    """Find the parts that are gathered one at a time: those of the outermost sequences that have parts themselves.

    Residual blocks are such parts; a single layer is too small to gather alone. A part that shares a parameter with
    the rest of the network stays with the rest.

    Example:
        >>> block = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        >>> len(blocks_of(nn.Sequential(block, nn.Linear(2, 1))))
        1
    """
    if not isinstance(network, nn.Sequential | nn.ModuleList):
        return [block for part in network.children() for block in blocks_of(part) if _stands_alone(block, network)]
    parts = [part for part in network if any(True for _ in part.children()) and any(True for _ in part.parameters())]
    return [part for part in parts if _stands_alone(part, network)]


def _stands_alone(block: nn.Module, network: nn.Module) -> bool:
    inside = set(block.modules())
    outside = {p for part in network.modules() if part not in inside for p in part.parameters(recurse=False)}
    return outside.isdisjoint(block.parameters())


def check_sizes(strategy: Any) -> None:
    """Check over how many ranks weights and batches are spread.

    Raises:
        ValueError: if layers are to be split too.
    """
    split = getattr(strategy, "_tensor_parallel_size", 1)
    if isinstance(strategy, ModelParallelStrategy) and split != 1:
        raise ValueError(
            f"ModelParallelStrategy has tensor_parallel_size={split}, and a GAN's networks are sharded, not split "
            f"within their layers: use ModelParallelStrategy(data_parallel_size={strategy.world_size}, "
            "tensor_parallel_size=1)"
        )


def refuse_sharded(gan: "AdversarialModule", technique: str, reason: str, advice: str) -> None:
    """Refuse to train a technique that needs whole parameters.

    Raises:
        ValueError: if they are sharded.
    """
    if is_sharded(gan.trainer):
        raise ValueError(f"{technique} {reason}, which sharded parameters do not allow: {advice}")


def join_checkpoint(folder: str | Path, file: str | Path) -> None:
    """Make one file of a checkpoint that the ranks have saved in parts, for one process or any number of ranks.

    ``ModelParallelStrategy`` saves a folder unless it was told ``save_distributed_checkpoint=False``. The file is what
    one process would have saved: ``fit(ckpt_path=file)`` goes on from it, ``load_from_checkpoint(file)`` loads it. All
    of it has to fit into the memory. Join only folders of those you trust: torch keeps their index as a pickle.

    Args:
        folder: the checkpoint.
        file: where the file goes; written anew if it is there.

    Raises:
        FileNotFoundError: if the folder is no such checkpoint.
    """
    folder = Path(folder)
    if not (folder / _METADATA_FILENAME).is_file():
        raise FileNotFoundError(
            f"{str(folder)!r} is no checkpoint in parts, it holds no {_METADATA_FILENAME}: give the folder that "
            "ModelParallelStrategy saved; a single file needs no joining"
        )
    checkpoint = _load_distributed_checkpoint(folder)
    names = [f"optimizer_{number}" for number in range(len(checkpoint)) if f"optimizer_{number}" in checkpoint]
    checkpoint["optimizer_states"] = [checkpoint.pop(name) for name in names]
    torch.save(checkpoint, file)
