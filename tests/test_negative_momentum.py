"""NegativeMomentumSGD against torch's SGD where both are defined, and by hand below zero."""

import pytest
import torch
from helpers import fit, make, points, weights
from torch import nn

from gan_lightning.negative_momentum import NegativeMomentumSGD


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_positive_momentum_is_torchs(momentum):
    p, q = (nn.Parameter(torch.tensor([1.0, -2.0]).double()) for _ in range(2))
    ours = NegativeMomentumSGD([p], lr=0.1, momentum=momentum)
    theirs = torch.optim.SGD([q], lr=0.1, momentum=momentum)
    for _ in range(5):
        p.grad, q.grad = p.detach() ** 3, q.detach() ** 3
        ours.step()
        theirs.step()
    torch.testing.assert_close(p, q, rtol=0, atol=1e-12)


def test_negative_momentum_by_hand():
    p = nn.Parameter(torch.zeros(1))
    unused = nn.Parameter(torch.zeros(1))
    optimizer = NegativeMomentumSGD([p, unused], lr=1.0, momentum=-0.5)
    seen = []
    for gradient in (1.0, 0.0, 0.0, 2.0):
        p.grad = torch.tensor([gradient])
        assert optimizer.step(lambda: 7.0) == 7.0
        seen.append(p.item())
    assert seen == [-1.0, -0.5, -0.75, -2.625]  # velocities -1, 0.5, -0.25, -1.875
    assert unused.item() == 0


def test_a_run_resumes_exactly(tmp_path):
    def run(epochs, ckpt_path=None):
        gan = make(optimizer_d=NegativeMomentumSGD, optimizer_g=NegativeMomentumSGD)
        return fit(gan, points(batches=3), max_epochs=epochs, ckpt_path=ckpt_path), weights(gan)

    _, straight = run(2)
    first, _ = run(1)
    first.save_checkpoint(tmp_path / "half.ckpt")
    _, resumed = run(2, tmp_path / "half.ckpt")
    assert torch.equal(straight, resumed)


@pytest.mark.parametrize("arguments", [{"lr": -1.0}, {"momentum": -1.0}, {"momentum": 1.0}])
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="expected lr >= 0 and momentum in"):
        NegativeMomentumSGD([nn.Parameter(torch.ones(1))], **arguments)
