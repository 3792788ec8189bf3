"""Who is ahead, in numbers that several detectors share."""

import torch
from torch import Tensor

from gan_lightning.functional import discriminator_score, generator_score
from gan_lightning.health.window import Window

SATURATED = 0.02
"""A probability below which a fake is plainly rejected."""


def balance(window: Window) -> dict[str, Tensor]:
    """Return the players' scores, losses, and how far the logits of real and generated samples lie apart.

    ``d/score`` and ``g/score`` are mean probabilities and mean something only where logits are log-odds;
    ``d/rank_accuracy``, P(D(real) > D(fake)), and ``d/gap``, in pooled standard deviations, always do.
    """
    real, fake = window.real_logits, window.fake_logits
    spread = ((_variance(real) + _variance(fake)) / 2).sqrt()
    return {
        "d/score": discriminator_score(real, fake),
        "g/score": generator_score(fake),
        "d/rank_accuracy": window.rank_accuracy,
        "d/saturated": share(fake.sigmoid() < SATURATED, fake),
        "d/gap": (real.mean() - fake.mean()) / spread.clamp_min(torch.finfo(spread.dtype).tiny),
        "d/loss": window.d_loss.mean(),
        "g/loss": window.g_loss.mean(),
    }


def share(holds: Tensor, of: Tensor) -> Tensor:
    """Return the share of values for which something holds, (); NaN if a value is not a number or there are none."""
    return holds.to(of.dtype).mean() + 0 * of.nan_to_num(nan=torch.nan, posinf=0, neginf=0).sum()


def _variance(x: Tensor) -> Tensor:
    return (x - x.mean()).square().mean()
