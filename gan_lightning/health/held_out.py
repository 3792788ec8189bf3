"""Real samples that training never sees, and what the discriminator thinks of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor, nn

from gan_lightning.functional import swapped
from gan_lightning.isolation import kept_random
from gan_lightning.probe import Judgement, StepRecord, first_samples

FEWEST = 16


class HeldOut:
    """Lets the discriminator judge held-out samples as it judges training samples, and leaves no trace in it.

    Both are judged with labels of other training samples, for those of held-out samples are not known: the two sets
    of logits are comparable also where the discriminator is conditional.

    Args:
        samples: (H, ...), as the discriminator sees them; all ranks have the same.
        module: of which the buffers, such as running means, shall stay as they are.
        rank: this process judges every ``ranks``-th sample from here on.
        ranks: number of processes.

    Raises:
        ValueError: if there are fewer than ``FEWEST`` samples per rank.
    """

    def __init__(self, samples: Tensor, module: nn.Module, rank: int = 0, ranks: int = 1) -> None:
        self.samples, self._module = samples, module
        self._own = samples[rank::ranks][: len(samples) // ranks]
        if len(self._own) < FEWEST:
            raise ValueError(
                f"held_out has {len(samples)} samples for {ranks} ranks, expected at least {FEWEST} each: give more, "
                "or leave it out"
            )

    def judged(self, record: StepRecord, done: int) -> dict[str, Tensor]:
        """Return logits of as many held-out samples as the discriminator judged real ones, and of the latter anew.

        Args:
            record: of the batch.
            done: held-out samples judged since the last check.
        """
        judgement = record.judged("real")
        if judgement is None:
            return {}
        training = judgement.samples
        at = torch.arange(done, done + len(training)) % len(self._own)
        held_out = self._own[at].to(training.device, training.dtype)
        if held_out.shape != training.shape:
            raise ValueError(
                f"held_out has samples of shape {tuple(held_out.shape[1:])}, the discriminator sees "
                f"{tuple(training.shape[1:])}: give samples as the discriminator sees them"
            )
        with _undisturbed(self._module):
            return {
                "seen_logits": _logits(judgement, training.roll(1, 0)),
                "held_out_logits": _logits(judgement, held_out),
            }


def held_out_of(
    trainer: Trainer, module: nn.Module, source: Tensor | Iterable[Any] | None, rows: int
) -> HeldOut | None:
    """Return this rank's part of the samples of a tensor or a loader; None if there is no source."""
    if source is None:
        return None
    return HeldOut(read_held_out(source, rows), module, trainer.global_rank, trainer.world_size)


def read_held_out(source: Tensor | Iterable[Any], rows: int) -> Tensor:
    """Return the first ``rows`` samples (H, ...) of a tensor or a loader, on the CPU; nothing random is drawn.

    Raises:
        ValueError: if a batch of the loader holds no samples.
        TypeError: if the source is neither.

    Example:
        >>> read_held_out([[torch.zeros(4, 2), torch.zeros(4).long()], [torch.ones(4, 2)]], 6).sum()
        tensor(4.)
    """
    if isinstance(source, Tensor):
        return source[:rows].detach().cpu()
    if not isinstance(source, Iterable):
        raise TypeError(f"held_out is a {type(source).__name__}, expected a tensor of samples or a loader")
    found, count = [], 0
    with kept_random():
        for batch in source:
            samples = first_samples(batch)
            if samples is None:
                raise ValueError(f"held_out yields a {type(batch).__name__} without floating tensors: no samples")
            found.append(samples.detach().cpu())
            count += len(samples)
            if count >= rows:
                break
    return torch.cat(found)[:rows] if found else torch.empty(0)


def _logits(judgement: Judgement, samples: Tensor) -> Tensor:
    return judgement.judge(samples).detach().float().flatten()


@contextmanager
def _undisturbed(module: nn.Module) -> Iterator[None]:
    """Compute in training mode, with copies of the buffers; all random states come back as they were."""
    copies = {buffer: buffer.clone() for buffer in module.buffers()}
    with swapped(module, copies), torch.no_grad(), kept_random():
        yield
