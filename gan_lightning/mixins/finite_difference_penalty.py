"""FiniteDifferencePenalty: R1 and R2 by a difference of two forwards, without a double backward.

Paper: Lin et al. 2025, the approximated R1 loss, https://arxiv.org/abs/2501.08316
Differs: the paper's loss is ``100 * |D(x) - D(x + 0.01 v)|^2`` on images, with a step of 0.1 on videos; here the
    difference is divided by the step, so that gamma is R1's. The paper's weight is ``fd_r1_gamma=0.02`` (2 on videos).
"""

from typing import Any

import torch
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

from gan_lightning.functional import finite_difference_penalty
from gan_lightning.gan import GAN
from gan_lightning.isolation import undisturbed
from gan_lightning.step import Step, Terms


class FiniteDifferencePenalty(GAN):
    """Add ``fd_r1_gamma / 2 * E((D(x + s v) - D(x)) / s)^2`` to the discriminator's loss, and the same at ``G(z)``.

    v is standard normal, s is ``fd_step``. The mean over v is ``|grad D|^2`` up to O(s^2), so this is R1, and R2 at the
    generated samples, for networks that cannot be differentiated twice: compiled, sharded, with fused attention. Prefer
    the exact ``R1`` where it runs: a single direction per sample makes the term noisy, with a standard deviation of
    ``sqrt(2)`` times ``|grad D|^2`` for each sample, ``sqrt(2 / n)`` for the mean over a batch of n.

    Samples are augmented once, before they are moved, and both forwards are one pass, so that spectral norm and batch
    norm treat them alike; they run in float32 under mixed precision. Not with dropout or noise in the discriminator,
    which would be measured in place of the slope (an error when the penalty is first due), nor with layers that mix
    samples (a warning), nor with 16-bit weights, whose rounding is of the size of the step.

    Hooks: ``d_terms`` adds ``fd_r1`` and ``fd_r2``. Neutral: ``fd_r1_gamma=0``, ``fd_r2_gamma=0``.
    Cost: one pass of the discriminator over 2 n samples for each term, each ``fd_every``-th iteration.

    Args:
        fd_r1_gamma: strength at the real samples, 0 or more; 10 is R1's.
        fd_r2_gamma: strength at the generated samples, 0 or more; 10 is R2's.
        fd_step: how far samples move, above 0, in units of the samples; small against what tells samples apart.
        fd_every: apply it each k-th iteration, k times as strong.

    Raises:
        ValueError: if an argument is out of range, or, when it is first due, the discriminator judges one sample
            differently each time, or the weights have 16 bits.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> FiniteDifferencePenalty(*networks, latent_dim=8, fd_r2_gamma=10.0, compile=True).fd_step
        0.01
    """

    def __init__(
        self,
        *args: Any,
        fd_r1_gamma: float = 10.0,
        fd_r2_gamma: float = 0.0,
        fd_step: float = 0.01,
        fd_every: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if fd_r1_gamma < 0 or fd_r2_gamma < 0 or fd_step <= 0 or fd_every < 1:
            raise ValueError(
                "expected fd_r1_gamma >= 0, fd_r2_gamma >= 0, fd_step > 0 and fd_every >= 1, got "
                f"{fd_r1_gamma}, {fd_r2_gamma}, {fd_step} and {fd_every}"
            )
        self.fd_r1_gamma, self.fd_r2_gamma = fd_r1_gamma, fd_r2_gamma
        self.fd_step, self.fd_every = fd_step, fd_every
        self._fd_is_checked = False

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.iteration % self.fd_every == 0:
            for name, gamma, x in (
                ("fd_r1", self.fd_r1_gamma, step.real),
                ("fd_r2", self.fd_r2_gamma, step.fake),
            ):
                if gamma:
                    terms.add(name, 0.5 * gamma * self.fd_every * self._fd_steepness(x.detach(), step.label))
        return terms

    def _fd_steepness(self, x: Tensor, label: Tensor | None) -> Tensor:
        x = x.float() if torch.is_autocast_enabled(x.device.type) else x
        if x.dtype in (torch.bfloat16, torch.float16):
            raise ValueError(
                f"FiniteDifferencePenalty divides by fd_step={self.fd_step} what the weights' {x.dtype} rounds, and "
                "would measure the rounding: use precision='bf16-mixed', where it works in float32, or R1"
            )
        labels = None if label is None else torch.cat([label, label])
        with torch.autocast(x.device.type, enabled=False):
            seen = self.augment(x)
            if not self._fd_is_checked:
                self._fd_check(seen, label)
            moved = torch.add(seen, self.draw(torch.randn, seen, *seen.shape[1:]), alpha=self.fd_step)
            on_seen, on_moved = self.discriminate(torch.cat([seen, moved]), labels).logits.chunk(2)
        return finite_difference_penalty(on_seen, on_moved, self.fd_step, num_samples=len(x))

    def _fd_check(self, seen: Tensor, label: Tensor | None) -> None:
        """Measure once whether two judgements of one sample agree, among the same and among other samples."""
        self._fd_is_checked = True
        labels = None if label is None else torch.cat([label, label])
        with self._uncompiled(), undisturbed(self):
            first, again = self.discriminate(torch.cat([seen, seen]), labels).logits.chunk(2)
        with self._uncompiled(), undisturbed(self):
            elsewhere = self.discriminate(torch.cat([seen, 0.5 * seen]), labels).logits.chunk(2)[0]
        tolerance = 1e-3 * float(first.abs().max())
        name = type(self.discriminator).__name__
        if not torch.allclose(first, again, rtol=1e-3, atol=tolerance):
            raise ValueError(
                f"FiniteDifferencePenalty: {name} judges one sample differently each time, by dropout or noise, which "
                "the penalty would take for slope: take these layers out, or use R1"
            )
        if not torch.allclose(first, elsewhere, rtol=1e-3, atol=tolerance):
            rank_zero_warn(
                f"FiniteDifferencePenalty: {name} judges a sample by its batch mates, so that their moves are measured "
                "too: build it without batch norm and minibatch layers"
            )
