"""The historical penalty and its running mean, against sums over all past values."""

import pytest
import torch

from gan_lightning.functional import add_to_history_, history_penalty


def test_the_mean_is_that_of_all_past_values():
    generator = torch.Generator().manual_seed(0)
    past = torch.randn(50, 6, generator=generator, dtype=torch.float64)
    mean, count = torch.zeros(6, dtype=torch.float64), torch.tensor(0)
    for t, value in enumerate(past, start=1):
        add_to_history_(mean, count, [value[:4].view(2, 2), value[4:]])
        torch.testing.assert_close(mean, past[:t].sum(0) / t, rtol=0, atol=1e-12)
    assert count == 50


def test_the_penalty_pulls_towards_the_mean_and_nowhere_else():
    a, b = torch.tensor([[1.0, 2.0]], requires_grad=True), torch.tensor([3.0], requires_grad=True)
    mean = torch.tensor([0.0, 2.0, 5.0], requires_grad=True)
    penalty = history_penalty([a, b], mean)
    assert penalty.item() == 1.0 + 0.0 + 4.0
    penalty.backward()
    torch.testing.assert_close(a.grad, torch.tensor([[2.0, 0.0]]))
    torch.testing.assert_close(b.grad, torch.tensor([-4.0]))
    assert mean.grad is None


def test_half_precision_parameters_have_a_float32_history():
    """At 1/t below its resolution, a mean in bfloat16 would stand still."""
    mean, count = torch.zeros(1), torch.tensor(0)
    for _ in range(1000):
        add_to_history_(mean, count, [torch.zeros(1, dtype=torch.bfloat16)])
    add_to_history_(mean, count, [torch.ones(1, dtype=torch.bfloat16)])
    assert mean.item() == pytest.approx(1 / 1001)
    assert history_penalty([torch.ones(1, dtype=torch.bfloat16)], mean).dtype == torch.float32


def test_another_network_is_an_error():
    with pytest.raises(ValueError, match="hold 2 numbers, their history 3"):
        history_penalty([torch.zeros(2)], torch.zeros(3))
    with pytest.raises(ValueError, match="hold 2 numbers, their history 3"):
        add_to_history_(torch.zeros(3), torch.tensor(0), [torch.zeros(2)])
