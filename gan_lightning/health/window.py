"""The last batches before a check, joined over batches and ranks: what detectors measure."""

from functools import cached_property

import torch
from torch import Tensor

from gan_lightning.functional import rank_accuracy
from gan_lightning.health.reference import Reference


class Window:
    """What detectors see at a check. All tensors are detached, float32, and the same on all ranks.

    Args:
        reference: the embedding and the bins.
        iteration: of the check.
        real: embedded real samples, (N, E).
        fake: embedded generated samples, (M, E).
        real_logits: the discriminator's logits of real samples, (N',); empty if unknown.
        fake_logits: of generated samples, (M',); empty if unknown.
        real_label: classes of ``real``, (N,); empty if unknown.
        fake_label: classes asked for, of ``fake``, (M,); empty if unknown.
        held_out_logits: of held-out real samples, (H,); empty if there are none.
        d_loss: per update of the discriminator, (U,); likewise the following; empty if unknown.
        g_loss: per update of the generator.
        d_gradient: norms of the discriminator's gradient.
        g_gradient: norms of the generator's.
        signal: norm of the generator's gradient at each of the samples, (S,).
        d_weights: norm of the discriminator's weights, and of their change since the last check, (2,); empty at first.
        g_weights: likewise of the generator's.
    """

    def __init__(self, reference: Reference, iteration: int, **tensors: Tensor) -> None:
        self.reference, self.iteration = reference, iteration
        self.real, self.fake = tensors["real"], tensors["fake"]
        empty = self.real.new_empty(0)
        self.real_logits = tensors.get("real_logits", empty)
        self.fake_logits = tensors.get("fake_logits", empty)
        self.real_label = tensors.get("real_label", empty.long())
        self.fake_label = tensors.get("fake_label", empty.long())
        self.held_out_logits = tensors.get("held_out_logits", empty)
        self.d_loss, self.g_loss = tensors.get("d_loss", empty), tensors.get("g_loss", empty)
        self.d_gradient, self.g_gradient = tensors.get("d_gradient", empty), tensors.get("g_gradient", empty)
        self.signal = tensors.get("signal", empty)
        self.d_weights, self.g_weights = tensors.get("d_weights", empty), tensors.get("g_weights", empty)

    @cached_property
    def real_shares(self) -> Tensor:
        """Shares of the window's real samples in the bins, (K,)."""
        return self.reference.histogram(self.real)

    @cached_property
    def fake_shares(self) -> Tensor:
        """Shares of the generated samples in the bins, (K,)."""
        return self.reference.histogram(self.fake)

    @cached_property
    def rank_accuracy(self) -> Tensor:
        """P(D(real) > D(fake)); NaN where logits are unknown."""
        if not len(self.real_logits) or not len(self.fake_logits):
            return torch.full((), float("nan"), device=self.real.device)
        return rank_accuracy(self.real_logits, self.fake_logits)
