"""Random numbers that are the same ones whether one rank or many hold the batch."""

from abc import abstractmethod
from collections.abc import Callable

from lightning.pytorch import LightningModule
from torch import Tensor


class Draws(LightningModule):
    """A module that draws for the joined batch of all ranks, from one random state, and keeps its own rows."""

    def __init__(self) -> None:
        super().__init__()
        self._ranks, self._rank = 1, 0

    @abstractmethod
    def sample_latent(self, n: int) -> Tensor:
        """Draw n latents (n, Z) from the prior."""

    def draw(self, sampler: Callable[..., Tensor], like: Tensor, *shape: int) -> Tensor:
        """Draw one row of random numbers per sample.

        Args:
            sampler: ``torch.rand``, ``torch.randn`` or alike: called with a size, ``device`` and ``dtype``.
            like: this rank's samples (N, ...), of whose device and type the numbers are.
            shape: of one row.

        Returns:
            This rank's rows, (N, shape...), of those drawn for the joined batch.
        """
        n = len(like)
        return self._own_rows(sampler((n * self._ranks, *shape), device=like.device, dtype=like.dtype), n)

    def draw_latents(self, n: int) -> Tensor:
        """Return this rank's n latents (n, Z) out of those drawn for the joined batch."""
        return self._own_rows(self.sample_latent(n * self._ranks), n)

    def _own_rows(self, joined: Tensor, n: int) -> Tensor:
        return joined if self._ranks == 1 else joined[self._rank * n : (self._rank + 1) * n]
