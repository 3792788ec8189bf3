"""Notices when the processes of a run no longer train one network."""

import hashlib
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor
from torch.distributed.tensor import DTensor
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.parameter import is_lazy

from gan_lightning.callbacks.rank_difference import ADVICE, Difference, sentence, sentence_of_structure
from gan_lightning.distributed import gather_over_ranks
from gan_lightning.distributed.same_bits import fingerprints, gaps_to_rank_zero
from gan_lightning.logging import log_scalars


class RankAgreement(Callback):
    """Compare parameters and buffers over all ranks, and say which tensors differ, by how much and since when.

    It runs on any LightningModule under any strategy, and changes nothing. Each tensor is told once, by a warning with
    the likely cause; the number of tensors that differ is logged as ``ranks/differ``. Compared are the bits, so
    that NaN agrees with itself. A check costs a pass over the weights and one collective of two numbers per rank.

    Left out are sharded tensors (``DTensor``), of which each rank holds another part, and the running statistics of
    batch norm in a ``GAN`` of this package, which it broadcasts before it validates and saves. With one process there
    is nothing to compare.

    Args:
        every: iterations between two checks, at least 1; the first is before the first batch.

    Raises:
        ValueError: if ``every < 1``.

    Example:
        >>> RankAgreement(every=500).differing
        {}
    """

    def __init__(self, every: int = 100) -> None:
        if every < 1:
            raise ValueError(f"expected every >= 1 iterations, got {every}")
        self.every = every
        self._start_anew()

    def _start_anew(self) -> None:
        self._checked: int | None = None
        self._differing: dict[str, Difference] = {}
        self._is_apart = False

    @property
    def differing(self) -> dict[str, Difference]:
        """What was found so far, by the dotted names of the tensors."""
        return dict(self._differing)

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._start_anew()  # a checkpoint makes all ranks alike again, so what was told of them is over

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        if self._checked is None and trainer.world_size > 1:
            self._check(trainer, pl_module, trainer.fit_loop.epoch_loop.total_batch_idx)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        iteration = trainer.fit_loop.epoch_loop.total_batch_idx + 1
        if iteration % self.every == 0 and trainer.world_size > 1:
            self._check(trainer, pl_module, iteration)

    def _check(self, trainer: Trainer, pl_module: LightningModule, iteration: int) -> None:
        tensors, device = _compared(pl_module), trainer.strategy.root_device
        differ = _differing_ranks(tensors, device)
        if differ is None:
            if not self._is_apart:
                rank_zero_warn(sentence_of_structure(iteration, self._checked))
            self._is_apart = True
            return
        log_scalars(trainer, {"ranks/differ": float(len(differ))})
        fresh = [name for name in differ if name not in self._differing]
        if fresh:
            gaps = gaps_to_rank_zero([tensors[name] for name in fresh], device)
            found = {
                name: Difference(iteration, self._checked, gap, differ[name])
                for name, gap in zip(fresh, gaps, strict=True)
            }
            self._differing |= found
            self._tell(pl_module, found)
        self._checked = iteration

    def _tell(self, pl_module: LightningModule, found: dict[str, Difference]) -> None:
        statistics, parameters = _running_statistics(pl_module), dict(pl_module.named_parameters())
        kinds: dict[str, dict[str, Difference]] = {kind: {} for kind in ADVICE}
        for name, difference in found.items():
            kind = "parameters" if name in parameters else "running statistics" if name in statistics else "buffers"
            kinds[kind][name] = difference
        for kind, differences in kinds.items():
            if differences:
                rank_zero_warn(sentence(kind, differences))


def _compared(module: LightningModule) -> dict[str, Tensor]:
    """Return what must be the same on all ranks, by dotted name."""
    left_out = _running_statistics(module) if hasattr(module, "witnesses") else set()  # a GAN of this package
    held: dict[str, Tensor] = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return {
        name: tensor
        for name, tensor in held.items()
        if name not in left_out
        and not isinstance(tensor, DTensor)
        and not is_lazy(tensor)
        and tensor.layout == torch.strided
    }


def _running_statistics(module: LightningModule) -> set[str]:
    norms = [(path, part) for path, part in module.named_modules() if isinstance(part, _NormBase)]
    return {f"{path}.{name}" for path, part in norms for name, _ in part.named_buffers(recurse=False)}


def _differing_ranks(tensors: dict[str, Tensor], device: torch.device) -> dict[str, tuple[int, ...]] | None:
    """Return the ranks that differ from rank 0, by tensor; all ranks are asked, and answer alike.

    None if they hold tensors of other names, shapes or types, which cannot be compared.
    """
    described = " ".join(f"{name} {x.dtype} {tuple(x.shape)}" for name, x in tensors.items())
    structure = int.from_bytes(hashlib.blake2b(described.encode(), digest_size=7).digest())
    each = fingerprints(list(tensors.values()), device)
    all_alike = torch.cat([torch.tensor([structure], device=device), fingerprints([each], device)])
    of_ranks: list[list[int]] = gather_over_ranks(all_alike.unsqueeze(0)).tolist()
    if any(theirs != structure for theirs, _ in of_ranks):
        return None
    if all(numbers == of_ranks[0] for numbers in of_ranks):
        return {}
    rows = gather_over_ranks(each.unsqueeze(0))
    differs: list[list[bool]] = (rows != rows[0]).T.tolist()
    ranks = {name: tuple(rank for rank, d in enumerate(row) if d) for name, row in zip(tensors, differs, strict=True)}
    return {name: those for name, those in ranks.items() if those}
