"""Top-k: the generator's loss is that of its best samples, whatever the order."""

import pytest
import torch
from helpers import fit, make, points
from torch.nn.functional import softplus

from gan_lightning.callbacks import AnnealAttribute
from gan_lightning.losses import RelativisticPaired
from gan_lightning.mixins import TopK


class Spy(TopK):
    """Keeps the generator's logits and loss."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = []

    def g_terms(self, step):
        terms = super().g_terms(step)
        self.seen.append((step.on_fake.logits.detach(), float(terms["adv"].detach())))
        return terms


@pytest.mark.parametrize(("share", "k"), [(0.5, 4), (0.25, 2), (0.01, 1), (1.0, 8)])
def test_the_loss_is_that_of_the_best(share, k):
    gan = make(Spy, topk_share=share)
    fit(gan)
    assert len(gan.seen) == 4
    for logits, loss in gan.seen:
        best = sorted(logits.tolist())[-k:]
        assert loss == pytest.approx(float(softplus(-torch.tensor(best)).mean()), rel=1e-5)


def test_the_share_can_be_annealed():
    gan = make(Spy)
    fit(gan, points(batches=3), callbacks=[AnnealAttribute("topk_share", 1.0, 0.25, over=2, shape="exponential")])
    counts = []
    for logits, loss in gan.seen:
        losses = [float(softplus(-logits.sort().values[-k:]).mean()) for k in range(1, 9)]
        counts.append(1 + min(range(8), key=lambda i: abs(losses[i] - loss)))
    assert counts == [8, 4, 2]


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_bad_arguments(share):
    with pytest.raises(ValueError, match=r"expected topk_share in \(0, 1\]"):
        make(TopK, topk_share=share)


def test_relativistic_losses_are_refused():
    with pytest.raises(ValueError, match="RelativisticPaired compares them with the real ones"):
        make(TopK, loss=RelativisticPaired())
