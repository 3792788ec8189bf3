"""Weights that are NaN never come back, and a checkpoint of them is no checkpoint."""

from typing import TYPE_CHECKING

import torch
from lightning.pytorch.utilities import rank_zero_warn
from torch.nn import Parameter

if TYPE_CHECKING:
    from gan_lightning.module import AdversarialModule


def tell_if_lost(gan: "AdversarialModule") -> None:
    """Warn when weights are saved that hold NaN or infinity; sharded ones are passed over."""
    weights = [p.detach() for p in gan.parameters() if type(p) is Parameter]
    if not weights or torch.stack([p.isfinite().all() for p in weights]).all():
        return
    rank_zero_warn(
        "weights that hold NaN or infinity are being saved: the run has diverged, or a batch held NaN, and this "
        "checkpoint is of no use. Stop, and go on from an older one; ModelCheckpoint(save_top_k=1) and save_last=True "
        "overwrite theirs, save_top_k=-1 keeps all. HealthMonitor(remedies='ladder') notices and goes back by itself"
    )
