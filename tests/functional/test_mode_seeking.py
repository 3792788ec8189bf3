"""The mode-seeking ratio against a loop, and on generators whose slope is known."""

import pytest
import torch

from gan_lightning.functional import mode_seeking_ratio


def test_matches_a_loop():
    fake, other = torch.randn(2, 4, 3, 2, dtype=torch.float64).unbind()
    z, other_z = torch.randn(2, 4, 5, dtype=torch.float64).unbind()

    def distance(a, b):
        differences = [abs(p - q) for p, q in zip(a.flatten().tolist(), b.flatten().tolist(), strict=True)]
        return sum(differences) / len(differences)

    slow = distance(fake, other) / distance(z, other_z)
    assert mode_seeking_ratio(fake, other, z, other_z).item() == pytest.approx(slow, rel=1e-12)


def test_of_a_scaling_generator_is_the_scale():
    z, other_z = torch.randn(2, 16, 4).unbind()
    assert mode_seeking_ratio(-3 * z, -3 * other_z, z, other_z).item() == pytest.approx(3.0)


def test_a_collapsed_generator_has_none():
    z, other_z = torch.randn(2, 16, 4).unbind()
    assert mode_seeking_ratio(torch.ones(16, 2), torch.ones(16, 2), z, other_z).item() == 0.0


def test_reduces_in_float32():
    z, other_z = torch.randn(2, 16, 4).unbind()
    ratio = mode_seeking_ratio(z.bfloat16(), other_z.bfloat16(), z, other_z)
    assert ratio.dtype == torch.float32
