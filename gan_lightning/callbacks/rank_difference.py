"""What is said of tensors that are not the same on all ranks."""

from dataclasses import dataclass

NAMED = 8
"""Tensors named in one warning; the others are counted."""
ADVICE = {
    "parameters": (
        "Each rank trains a network of its own from here on, so the training is wrong. Likely a backward that DDP does "
        "not see: loss.backward() in the place of self.manual_backward(loss), or one within block_backward_sync(); or "
        "a change of weights on some ranks only. Mend this and start anew, or from a checkpoint, which holds rank 0's "
        "weights"
    ),
    "running statistics": (
        "Batch norm follows each rank's own batches, and with manual optimisation Lightning lets DDP broadcast buffers "
        "once and never again. The training does not use them, but validation does on each rank its own, and a "
        "checkpoint holds those of rank 0. Call gan_lightning.distributed.broadcast_buffers(self) in "
        "on_validation_start and on_save_checkpoint, or, on GPUs, use Trainer(sync_batchnorm=True)"
    ),
    "buffers": (
        "Likely something that is counted, averaged or drawn on each rank from its own batches. If the training uses "
        "it, the ranks go apart: average it over the ranks, as in gan_lightning.distributed.mean_over_ranks, or "
        "broadcast it; with manual optimisation Lightning lets DDP broadcast buffers once and never again"
    ),
}
"""Why tensors of a kind differ, and what to do."""


@dataclass(frozen=True)
class Difference:
    """A tensor that is not the same on all ranks.

    Args:
        found: iteration of the check that found it.
        after: iteration of the check before, at which it was still the same; None if it never was.
        gap: largest difference of an element on any rank from that on rank 0; 0 if only the bits differ, as in -0.
        ranks: those that differ from rank 0.
    """

    found: int
    after: int | None
    gap: float
    ranks: tuple[int, ...]


def sentence_of_structure(found: int, after: int | None) -> str:
    """Say that the ranks hold tensors of other names, shapes or types."""
    return (
        f"RankAgreement at iteration {found:,}: the ranks hold tensors of other names, shapes or types, "
        f"{_since(found, after)}, and cannot be compared. Their gradients belong to different parameters: build the "
        "module, and change it while it trains, in the same way on all ranks."
    )


def _since(found: int, after: int | None) -> str:
    return "from the start" if after is None else f"since between iterations {after:,} and {found:,}"


def sentence(kind: str, differences: dict[str, Difference]) -> str:
    """Say which tensors of a kind one check found, why they may differ, and what to do."""
    first = next(iter(differences.values()))
    named = [_one(name, each) for name, each in list(differences.items())[:NAMED]]
    more = [f"and {len(differences) - NAMED} more, in RankAgreement.differing"] if len(differences) > NAMED else []
    return (
        f"RankAgreement at iteration {first.found:,}: {kind} differ between the ranks, "
        f"{_since(first.found, first.after)}: {', '.join(named + more)}. {ADVICE[kind]}."
    )


def _one(name: str, difference: Difference) -> str:
    ranks = difference.ranks
    where = f"rank {ranks[0]}" if len(ranks) == 1 else f"{len(ranks)} ranks"
    return f"{name} by {difference.gap:.2g} ({where})" if difference.gap else f"{name} in bits only ({where})"
