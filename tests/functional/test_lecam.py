"""The LeCam penalty against a loop from the formula."""

import pytest
import torch

from gan_lightning.functional import lecam_penalty


def test_matches_a_loop():
    real, fake = torch.randn(5, dtype=torch.float64), torch.randn(3, dtype=torch.float64)
    a_real, a_fake = 0.7, -0.4
    slow = sum((x - a_fake) ** 2 for x in real.tolist()) / 5 + sum((x - a_real) ** 2 for x in fake.tolist()) / 3
    anchors = torch.tensor([a_real, a_fake], dtype=torch.float64).unbind()
    assert lecam_penalty(real, fake, *anchors).item() == pytest.approx(slow, rel=1e-12)


def test_outputs_beyond_the_other_anchor_are_drawn_back():
    """The paper squares both sides; a variant with relu would give these nothing."""
    real = torch.tensor([-2.0], requires_grad=True)
    zero = torch.zeros(())
    lecam_penalty(real, torch.zeros(1), zero, zero).backward()
    assert real.grad.item() == -4.0
