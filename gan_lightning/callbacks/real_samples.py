"""Real samples from the data of a running fit, of which the fit notices nothing."""

from collections.abc import Iterable, Iterator, Sized
from copy import copy
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from gan_lightning.probe.inputs import samples_in

Source = str | Tensor | Iterable[Any]
ROWS = 256
"""Rows of a tensor that are handed out at once."""


def real_samples(trainer: Trainer, module: LightningModule, source: Source, num: int) -> Iterator[Tensor]:
    """Yield this rank's share of ``num`` real samples, (N, ...), as the module gets them, on its device.

    Of a ``DataLoader`` it is a random choice among its data set that is the same each time, read by a loader of its
    own; of the loaders of this package, and others, the first batches of a first pass, as many whole ones as needed.
    Draw nothing random in between, and isolate what the data set draws.

    Args:
        trainer: that runs.
        module: whose hooks bring batches to the device.
        source: "train", "val", or samples (N, ...), or a loader.
        num: over all ranks; fewer if there are fewer.

    Raises:
        ValueError: if there is no such data, several loaders, or batches without samples.
        TypeError: if the loader can be read once only.
    """
    loader = _loader(trainer, source) if isinstance(source, str) else source
    ranks = trainer.world_size
    if isinstance(loader, Tensor):
        own = loader[:num].tensor_split(ranks)[trainer.global_rank]
        yield from (part.to(module.device) for part in own.split(ROWS))  # type: ignore[no-untyped-call]
        return
    count = 0
    for batch in _batches(loader, num, trainer.global_rank, ranks):
        if count * ranks >= num:
            return
        batch = module._on_before_batch_transfer(batch, dataloader_idx=0)
        found = samples_in(trainer.strategy.batch_to_device(batch, dataloader_idx=0))
        if not found:
            raise ValueError(
                f"the data yield a {type(batch).__name__} without floating tensors: pass real=..., samples as the "
                "generator makes them"
            )
        count += len(found[0])
        yield found[0]


def known_number(trainer: Trainer, source: Source) -> int | None:
    """Return how many real samples there are, where that can be told without reading them."""
    found = _loader(trainer, source) if isinstance(source, str) else source
    samples = found if isinstance(found, Tensor) else getattr(found, "dataset", None)
    return len(samples) if isinstance(samples, Sized) else None


def _loader(trainer: Trainer, source: str) -> Any:
    datamodule: Any = getattr(trainer, "datamodule", None)
    if source == "train":
        found = trainer.train_dataloader if datamodule is None else datamodule.train_dataloader()
    else:
        own = getattr(datamodule, "val_dataloader", None)
        found = trainer.val_dataloaders if own is None else own()
    if isinstance(found, list | tuple) and len(found) == 1:
        found = found[0]
    if found is None or isinstance(found, list | tuple | dict):
        many = "no" if not found else f"{len(found)}"
        raise ValueError(
            f"there are {many} loaders of {source} data here, expected one: pass real='train' or 'val', or real=a "
            "tensor of samples or a loader"
        )
    return found


def _batches(loader: Any, num: int, rank: int, ranks: int) -> Iterator[Any]:
    if isinstance(loader, DataLoader) and not isinstance(loader.dataset, IterableDataset):
        order = torch.randperm(len(loader.dataset), generator=torch.Generator().manual_seed(0))[:num]  # type: ignore[arg-type]
        own = order.tensor_split(ranks)[rank].tolist()
        return iter(
            DataLoader(
                loader.dataset,
                batch_size=loader.batch_size or ROWS,
                sampler=own,
                collate_fn=loader.collate_fn,
                num_workers=loader.num_workers,
                multiprocessing_context=loader.multiprocessing_context,
            )
        )
    if isinstance(loader, Iterator):
        raise TypeError(
            f"the data are a {type(loader).__name__}, which can be read once, and that is for training: pass real=..., "
            "a tensor of samples or a loader"
        )
    return iter(_at_its_start(loader))


def _at_its_start(loader: Any) -> Any:
    """Return a copy of a loader that keeps its place, as those of this package do, so that this one stays there."""
    own = copy(loader)
    if isinstance(own, DataLoader):
        own._iterator = None  # persistent workers are those of the training, amid its epoch
    place = own.state_dict() if hasattr(own, "state_dict") else {}
    if {"epoch", "position"} <= place.keys():
        own.load_state_dict({**place, "epoch": 0, "position": 0})
    return own
