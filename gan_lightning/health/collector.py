"""From the records of single batches to the window of a check, joined over ranks."""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor

from gan_lightning.health.held_out import HeldOut
from gan_lightning.health.reference import Reference, flattened
from gan_lightning.health.rows import joined_rows, of_all_ranks, own_part
from gan_lightning.health.vectors import check_vectors
from gan_lightning.health.window import Window
from gan_lightning.probe import StepRecord
from gan_lightning.probe.record import Kind

Embedder = Callable[[Tensor], Tensor]
PER_SAMPLE = ("real", "fake", "real_logits", "fake_logits", "real_label", "fake_label", "signal")
HELD_OUT = ("seen_logits", "held_out_logits")
PER_BATCH = ("d_loss", "g_loss", "d_gradient", "g_gradient")
REFERENCE = 2048


class Collector:
    """Keeps what the last batches left: per rank at most the rows that a window needs, and one batch.

    Args:
        samples: generated and real samples per check, over all ranks.
        ranks: over how many processes windows are joined.
        embedder: maps samples (N, ...) to vectors (N, D); ``flattened`` by default.
        held_out: judged with the batches; None if there are no such samples.
    """

    def __init__(
        self, samples: int, ranks: int, embedder: Embedder = flattened, held_out: HeldOut | None = None
    ) -> None:
        self.samples, self.ranks, self.embedder, self.held_out = samples, ranks, embedder, held_out
        self.rows = -(-samples // ranks)
        self.reference: Reference | None = None
        self.device = torch.device("cpu")
        self._fake_shares: dict[str, Tensor] = {}
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
        if self.held_out is not None and self.reference is not None:
            parts |= self.held_out.judged(record, self._count("held_out_logits"))
        for name, part in parts.items():
            if part is not None:
                self._keep(name, part)

    def known(self) -> int:
        """Return how many real samples there are, for the reference needs ``REFERENCE``; all ranks are asked."""
        count = self._count("real")
        if self.ranks > 1:
            counts = torch.tensor([count], device=self.device)
            dist.all_reduce(counts)
            count = int(counts)
        return count

    def fit_reference(self) -> None:
        """Fit the reference to the real samples so far, the same on all ranks; forget all samples."""
        vectors = self._joined(("real",), REFERENCE // self.ranks)["real"]
        self._kept.clear()
        if len(vectors) and not vectors.isfinite().all(1).any():
            vectors = torch.zeros_like(vectors)  # there is no yardstick, but that is for a verdict to say
        if len(vectors):
            self.reference = Reference.fit(vectors)

    def window(self, iteration: int, **extra: Tensor) -> Window | None:
        """Return what was collected since the last check and forget it; None without a reference or samples."""
        if self.reference is None:
            return None
        try:
            for name in ("real", "fake"):
                self._kept[name] = [self.reference.embed(part) for part in self._kept.get(name, ())]
            joined = self._joined(PER_SAMPLE + HELD_OUT + PER_BATCH, self.rows)
        finally:  # what is half embedded must not meet the next check's
            self._kept.clear()
        if not len(joined["fake"]) or not len(joined["real"]):
            return None
        for name in ("real", "fake"):
            if len(joined[f"{name}_label"]) != len(joined[name]):
                del joined[f"{name}_label"]
        if self.held_out is not None:
            vectors = self.embedder(self.held_out.samples.to(joined["real"].device))
            joined["held_out"] = self.reference.embed(vectors)
        window = Window(self.reference, iteration, **joined, **self._fake_shares, **extra)
        self.reference.follow(window.real_shares)
        self._fake_shares = {"fake_shares_before": window.fake_shares}
        return window

    def _vectors(self, x: Tensor | None) -> Tensor | None:
        if x is None:
            return None
        x = x[-self._most("real") :]
        vectors = self.embedder(x if x.is_floating_point() else x.float())
        check_vectors(vectors, x, self._width())
        return vectors.float()

    def _width(self) -> int | None:
        """Length of the vectors so far; None if there are none."""
        known = self._kept.get("real") or self._kept.get("fake")
        if self.reference is not None:
            return len(self.reference.mean)
        return known[0].shape[1] if known else None

    def _most(self, name: str) -> int:
        """Rows that are needed: more real ones as long as the reference is to be fitted."""
        return -(-REFERENCE // self.ranks) if self.reference is None and name == "real" else self.rows

    def _keep(self, name: str, part: Tensor) -> None:
        """Keep a copy, for what a module does with its tensors later is its own affair; drop the oldest if they can."""
        most, parts = self._most(name), self._kept.setdefault(name, [])
        parts.append(part[-most:].detach().clone())
        self.device = part.device
        while self._count(name) - len(parts[0]) >= most:
            parts.pop(0)

    def _count(self, name: str) -> int:
        return sum(part.shape[0] for part in self._kept.get(name, ()))

    def _joined(self, names: tuple[str, ...], rows: int) -> dict[str, Tensor]:
        own = {name: self._own(name, rows) for name in names}
        return joined_rows(own, self.ranks, self.device)

    def _own(self, name: str, rows: int) -> Tensor:
        parts = self._kept.get(name)
        if parts:
            return torch.cat(parts)[-rows:]
        return torch.empty(0, device=self.device, dtype=torch.long if name.endswith("label") else torch.float32)

    def state_dict(self) -> dict[str, Any]:
        reference = None if self.reference is None else self.reference.state_dict()
        kept = {name: [part.cpu() for part in parts] for name, parts in self._kept.items()}
        return {"reference": reference, "fake_shares": dict(self._fake_shares), "kept": of_all_ranks(kept, self.ranks)}

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on from a checkpoint; of another number of ranks without the samples since its last check."""
        self.device = device
        state = apply_to_collection(state, Tensor, lambda x: x.to(device))
        self.reference = None if state["reference"] is None else Reference(**state["reference"])
        self._fake_shares = dict(state["fake_shares"])
        own = own_part(state["kept"], self.ranks)
        self._kept = {name: list(parts) for name, parts in (own or {}).items()}
