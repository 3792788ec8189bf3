"""From the records of single batches to the window of a check, joined over ranks."""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from gan_lightning.health.reference import Reference, flattened
from gan_lightning.health.window import Window
from gan_lightning.probe import StepRecord
from gan_lightning.probe.record import Kind

Embedder = Callable[[Tensor], Tensor]
PER_SAMPLE = ("real", "fake", "real_logits", "fake_logits", "real_label", "fake_label", "signal")
PER_BATCH = ("d_loss", "g_loss", "d_gradient", "g_gradient")
REFERENCE = 2048


class Collector:
    """Keeps what the last batches left, never more than ``samples`` rows of each kind and rank.

    Args:
        samples: generated and real samples per check, over all ranks.
        ranks: over how many processes windows are joined.
        embedder: maps samples (N, ...) to vectors (N, D); ``flattened`` by default.
    """

    def __init__(self, samples: int, ranks: int, embedder: Embedder = flattened) -> None:
        self.samples, self.ranks, self.embedder = samples, ranks, embedder
        self.rows = -(-samples // ranks)
        self.reference: Reference | None = None
        self._kept: dict[str, list[Tensor]] = {}

    @torch.no_grad()
    def add(self, record: StepRecord) -> None:
        """Take in a batch."""
        parts = {
            "real": self._vectors(record.real),
            "fake": self._vectors(record.fake),
            "real_label": record.real_label,
            "fake_label": record.fake_label,
            "signal": record.signal,
            **{name: value.view(1) for name in PER_BATCH if (value := getattr(record, name)) is not None},
        }
        kinds: tuple[Kind, ...] = ("real", "fake")
        for kind in kinds:
            judgement = record.judged(kind)
            parts[f"{kind}_logits"] = None if judgement is None else judgement.logits
        for name, part in parts.items():
            if part is not None:
                self._kept.setdefault(name, []).append(part.detach())

    @property
    def knows_enough(self) -> bool:
        """Whether there are enough real samples on each rank to fit the reference to."""
        return self._count("real") * self.ranks >= REFERENCE

    def fit_reference(self) -> None:
        """Fit the reference to the real samples so far, the same on all ranks; forget all samples."""
        vectors = self._joined("real", REFERENCE // self.ranks)
        self._kept.clear()
        if len(vectors):
            self.reference = Reference.fit(vectors)

    def window(self, iteration: int, **extra: Tensor) -> Window | None:
        """Return what was collected since the last check and forget it; None without a reference or samples."""
        joined = {name: self._joined(name, self.rows) for name in PER_SAMPLE + PER_BATCH}
        self._kept.clear()
        if self.reference is None or not len(joined["fake"]) or not len(joined["real"]):
            return None
        for name in ("real", "fake"):
            joined[name] = self.reference.embed(joined[name])
            if len(joined[f"{name}_label"]) != len(joined[name]):
                del joined[f"{name}_label"]
        window = Window(self.reference, iteration, **joined, **extra)
        self.reference.follow(window.real_shares)
        return window

    def _vectors(self, x: Tensor | None) -> Tensor | None:
        return None if x is None else self.embedder(x)

    def _count(self, name: str) -> int:
        return sum(len(part) for part in self._kept.get(name, ()))

    def _joined(self, name: str, rows: int) -> Tensor:
        parts = self._kept.get(name)
        own = torch.cat(parts)[-rows:] if parts else torch.empty(0)
        return own if self.ranks == 1 else _over_ranks(own, self.ranks)

    def state_dict(self) -> dict[str, Any]:
        reference = None if self.reference is None else self.reference.state_dict()
        return {"reference": reference, "kept": {name: list(parts) for name, parts in self._kept.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.reference = None if state["reference"] is None else Reference(**state["reference"])
        self._kept = {name: list(parts) for name, parts in state["kept"].items()}


def _over_ranks(own: Tensor, ranks: int) -> Tensor:
    """Return the rows of all ranks, of which each may have another number."""
    parts: list[Any] = [None] * ranks
    dist.all_gather_object(parts, own.cpu())
    filled = [part for part in parts if len(part)]
    return torch.cat(filled).to(own.device) if filled else own
