"""What metrics that compare embedded samples have in common: what they take in, keep, and refuse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from gan_lightning.isolation import evaluating
from gan_lightning.metrics.samples import TakesSamples

Embedder = nn.Module | Callable[[Tensor], Tensor]

_SHARED: ContextVar[dict[tuple[int, int], Tensor] | None] = ContextVar("vectors of one batch", default=None)


class EmbeddedMetric(TakesSamples, Metric):
    """Keeps the vectors of real and generated samples, over batches and ranks, until ``compute``.

    ``update(samples)`` takes generated samples in, ``update(samples, real=True)`` real ones, in batches of any size.
    The memory is that of the vectors.

    Args:
        embedder: maps samples (N, ...) to vectors (N, D), a network in evaluation mode. None if samples are vectors.

    Raises:
        ValueError: in ``update``, if samples are not floating or of another size than before, images are in 0..255, or
            vectors not (N, D), of another length than before, or not finite; in ``compute``, if there were too few.
    """

    is_differentiable = False
    higher_is_better: bool | None = None
    full_state_update = False
    needs_real = True

    real: list[Tensor]
    fake: list[Tensor]

    def __init__(self, embedder: Embedder | None = None) -> None:
        super().__init__()
        self.embedder = embedder
        self.add_state("real", [], dist_reduce_fx="cat")
        self.add_state("fake", [], dist_reduce_fx="cat")

    def update(self, samples: Tensor, real: bool = False) -> None:
        """Take in generated samples (N, ...), or real ones."""
        self.check(samples)
        if not len(samples):
            return
        vectors = embedded(samples, self.embedder)
        known = next((each[0] for each in (self.real, self.fake) if each), None)
        if known is not None and known.shape[1] != vectors.shape[1]:
            raise ValueError(
                f"these samples have vectors of {vectors.shape[1]} numbers, those before had {known.shape[1]}: "
                "compare samples of one size only, with one embedder"
            )
        (self.real if real else self.fake).append(vectors)

    def vectors(self) -> tuple[Tensor, Tensor]:
        """Return the real and the generated vectors, (N, D) and (M, D).

        Raises:
            ValueError: if there are fewer than ``fewest`` of those that are needed.
        """
        kept = [dim_zero_cat(each) if len(each) else torch.empty(0, 0) for each in (self.real, self.fake)]
        for name, vectors in zip(("real", "generated"), kept, strict=True):
            if len(vectors) < self.fewest and (name == "generated" or self.needs_real):
                option = ", real=True" if name == "real" else ""
                raise ValueError(
                    f"{type(self).__name__} has {len(vectors)} {name} samples since the last reset, expected at least "
                    f"{self.fewest}: call update(samples{option})"
                )
        return kept[0], kept[1]

    @property
    def details(self) -> dict[str, Any]:
        """What a figure has to be read with: numbers of samples, and what embeds them."""
        return details_of(self.embedder, _count(self.fake), _count(self.real))


@contextmanager
def embedded_once() -> Iterator[None]:
    """Within, embed a batch once for all metrics that have the same embedder."""
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


def ordered(vectors: Tensor) -> Tensor:
    """Return vectors (N, D) in an order that does not depend on the one they came in, over batches and ranks."""
    direction = torch.randn(vectors.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return vectors[(vectors.double() @ direction.to(vectors.device)).argsort()]


def embedded(samples: Tensor, embedder: Embedder | None) -> Tensor:
    """Return vectors (N, D) in float32.

    Raises:
        ValueError: if they are not (N, D), or not finite.
    """
    shared, key = _SHARED.get(), (id(samples), id(embedder))
    if shared is not None and key in shared:
        return shared[key]
    with evaluating(embedder) if isinstance(embedder, nn.Module) else torch.no_grad():
        vectors = samples.detach() if embedder is None else embedder(samples)
    if not isinstance(vectors, Tensor) or vectors.ndim != 2 or len(vectors) != len(samples):
        made = tuple(vectors.shape) if isinstance(vectors, Tensor) else type(vectors).__name__
        how = "give an embedder, or flatten them" if embedder is None else "let the embedder return one vector for each"
        raise ValueError(f"expected vectors ({len(samples)}, D) for {len(samples)} samples, got {made}: {how}")
    vectors = vectors.float()
    if not vectors.isfinite().all():
        bad = int((~vectors.isfinite().all(1)).sum())
        raise ValueError(f"{bad} of {len(vectors)} samples have NaN or infinite vectors: look at the samples")
    if shared is not None:
        shared[key] = vectors
    return vectors


def details_of(embedder: Embedder | None, n_fake: int, n_real: int) -> dict[str, Any]:
    """Return what a figure has to be read with."""
    name = "none" if embedder is None else getattr(embedder, "name", type(embedder).__name__)
    return {"n_fake": n_fake, "n_real": n_real, "embedder": name, "resize": getattr(embedder, "resize", "none")}


def _count(kept: list[Tensor] | Tensor) -> int:
    return len(kept) if isinstance(kept, Tensor) else sum(map(len, kept))
