"""The last batches before a check, joined over batches and ranks: what detectors measure."""

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor

from gan_lightning.functional import missing_share, rank_accuracy, share_distance
from gan_lightning.health.reference import Reference

FEW = 128
"""Samples for what costs the square of their number."""

Measured = dict[str, Tensor]


class Window:
    """What detectors see at a check. All tensors are detached, float32, and the same on all ranks.

    Args:
        reference: the embedding and the bins.
        iteration: of the check.
        tensors: ``real``, ``fake`` and, as far as they are known, the others of the following.

    Attributes:
        real: embedded real samples, (N, E).
        fake: embedded generated samples, (M, E).
        real_logits: the discriminator's logits of real samples, (N',); empty if unknown.
        fake_logits: of generated samples, (M',); empty if unknown.
        real_label: classes of ``real``, (N,); empty if unknown.
        fake_label: classes asked for, of ``fake``, (M,); empty if unknown.
        held_out: embedded held-out real samples, (H, E); empty if there are none.
        held_out_logits: of held-out real samples, under other samples' labels, (H',); empty if there are none.
        seen_logits: of training samples at the same moment, also under other samples' labels, (H',); likewise.
        d_loss: per update of the discriminator, (U,); likewise the following; empty if unknown.
        g_loss: per update of the generator.
        d_gradient: norms of the discriminator's gradient.
        g_gradient: norms of the generator's.
        signal: norm of the generator's gradient at each of the samples, (S,).
        d_weights: norm of the discriminator's weights, and of their change since the last check, (2,); empty at first.
        g_weights: likewise of the generator's.
        d_spectrum: largest singular value of each of the discriminator's layers, (L,); empty if unknown.
        g_spectrum: likewise of the generator's.
        fake_shares_before: shares of the generated samples in the bins at the last check, (K,); NaN if unknown.

    Example:
        >>> points = torch.tensor([[0.0, 0.0], [1.0, 1.0]]).repeat(64, 1)
        >>> window = Window(Reference.fit(points), 100, real=points, fake=points[::2])
        >>> window.tv.item(), window.rank_accuracy.item()
        (0.5, nan)
    """

    def __init__(self, reference: Reference, iteration: int, **tensors: Tensor) -> None:
        self.reference, self.iteration = reference, iteration
        self.real, self.fake = tensors["real"], tensors["fake"]
        self.shares = reference.shares
        empty = self.real.new_empty(0)
        self.real_logits = tensors.get("real_logits", empty)
        self.fake_logits = tensors.get("fake_logits", empty)
        self.real_label = tensors.get("real_label", empty.long())
        self.fake_label = tensors.get("fake_label", empty.long())
        self.held_out = tensors.get("held_out", self.real[:0])
        self.held_out_logits = tensors.get("held_out_logits", empty)
        self.seen_logits = tensors.get("seen_logits", empty)
        self.d_loss, self.g_loss = tensors.get("d_loss", empty), tensors.get("g_loss", empty)
        self.d_gradient, self.g_gradient = tensors.get("d_gradient", empty), tensors.get("g_gradient", empty)
        self.signal = tensors.get("signal", empty)
        self.d_weights, self.g_weights = tensors.get("d_weights", empty), tensors.get("g_weights", empty)
        self.d_spectrum, self.g_spectrum = tensors.get("d_spectrum", empty), tensors.get("g_spectrum", empty)
        self._measured: dict[Callable[[Window], Measured], Measured] = {}
        self.fake_shares_before = tensors.get("fake_shares_before", torch.full_like(self.shares, torch.nan))

    def once(self, measure: "Callable[[Window], Measured]") -> Measured:
        """Return what a function measures in this window, which several detectors ask for."""
        if measure not in self._measured:
            self._measured[measure] = measure(self)
        return self._measured[measure]

    @cached_property
    def few_real(self) -> Tensor:
        """Some of the real samples, evenly taken, at most ``FEW``, (F, E)."""
        return _few(self.real)

    @cached_property
    def few_fake(self) -> Tensor:
        """Some of the generated samples, likewise."""
        return _few(self.fake)

    @cached_property
    def real_shares(self) -> Tensor:
        """Shares of the window's real samples in the bins, (K,)."""
        return self.reference.histogram(self.real)

    @cached_property
    def fake_shares(self) -> Tensor:
        """Shares of the generated samples in the bins, (K,)."""
        return self.reference.histogram(self.fake)

    @cached_property
    def tv(self) -> Tensor:
        """Total variation between the shares of the generated samples and of the real ones so far."""
        return share_distance(self.fake_shares, self.shares)

    @cached_property
    def tv_real(self) -> Tensor:
        """Total variation of the window's real samples: what as many perfect ones would have."""
        return share_distance(self.real_shares, self.shares)

    @cached_property
    def missing(self) -> Tensor:
        """Real mass of the bins with far too few generated samples."""
        return missing_share(self.fake_shares, self.shares, len(self.fake))

    @cached_property
    def missing_real(self) -> Tensor:
        """Likewise for the window's real samples."""
        return missing_share(self.real_shares, self.shares, len(self.real))

    @cached_property
    def rank_accuracy(self) -> Tensor:
        """P(D(real) > D(fake)); NaN where logits are unknown."""
        if not len(self.real_logits) or not len(self.fake_logits):
            return torch.full((), float("nan"), device=self.real.device)
        return rank_accuracy(self.real_logits, self.fake_logits)


def _few(points: Tensor) -> Tensor:
    return points[:: max(1, len(points) // FEW)][:FEW]
