"""The largest norm is that of the true gradient, whatever the precision and the scale of the loss."""

from typing import Any

import pytest
import torch
from helpers import fit, make, points
from scaled import PRECISIONS, in_precision
from torch import nn

from gan_lightning import GAN, ClipGradients

CLIP = {"d": 0.02, "g": 0.01}


def norms_at_steps(precision: str, *callbacks: Any, **arguments: Any) -> dict[str, list[float]]:
    """Gradient norms as the optimizers have just used them."""
    norms: dict[str, list[float]] = {"d": [], "g": []}

    class Watched(GAN):
        def configure_optimizers(self) -> Any:
            made = super().configure_optimizers()
            for name, optimizer in zip("dg", made[0], strict=True):
                optimizer.register_step_post_hook(lambda optimizer, *_, name=name: self.look(name, optimizer))
            return made

        def look(self, name: str, optimizer: torch.optim.Optimizer) -> None:
            gradients = [p.grad for p in optimizer.param_groups[0]["params"]]
            norms[name].append(float(nn.utils.get_total_norm(gradients)))

    fit(make(Watched, **arguments), callbacks=list(callbacks), **in_precision(precision))
    return norms


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("micro_batches", [1, 2])
def test_the_true_gradient_is_clipped(precision: str, micro_batches: int) -> None:
    parts = {"micro_batches_d": micro_batches, "micro_batches_g": micro_batches}
    free = norms_at_steps(precision, **parts)
    by_arguments = norms_at_steps(precision, clip_d=CLIP["d"], clip_g=CLIP["g"], **parts)
    by_callback = norms_at_steps(precision, ClipGradients(CLIP["d"], CLIP["g"]), **parts)
    for name, clip in CLIP.items():
        assert 1.5 * clip < min(free[name]) < max(free[name]) < 10  # not the scaled one, which is a thousand times that
        assert by_arguments[name] == pytest.approx([clip] * 4, rel=1e-3)
        assert by_callback[name] == pytest.approx([clip] * 4, rel=1e-3)


def fused(params: Any) -> torch.optim.Optimizer:
    return torch.optim.Adam(params, lr=2e-4, fused=True)


def test_an_optimizer_that_unscales_by_itself_is_not_clipped_in_silence() -> None:
    """Torch's own fused Adam gets the scaled gradients."""
    with pytest.raises(ValueError, match=r"clip_d=0.02 needs true gradients, and a fused Adam with 16-mixed"):
        norms_at_steps("16-mixed", clip_d=0.02, optimizer_d=fused)
    assert norms_at_steps("bf16-mixed", clip_d=0.02, optimizer_d=fused)["d"] == pytest.approx([0.02] * 4, rel=1e-3)
    assert len(norms_at_steps("16-mixed", optimizer_d=fused)["d"]) == 4
    gan = make(optimizer_g=fused)
    gan.on_train_batch_start = lambda *_: setattr(gan, "clip_g", 1.0)  # turned on while it trains
    with pytest.raises(ValueError, match=r"clip_g=1.0 needs true gradients"):
        fit(gan, points(), **in_precision("16-mixed"))
