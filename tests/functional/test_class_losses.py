"""Losses of classifiers inside a GAN against slow loops."""

import math

import pytest
import torch

from gan_lightning.functional import code_loss, labelled_cross_entropy


def minus_log_softmax(scores, k):
    return math.log(sum(math.exp(s) for s in scores)) - scores[k]


def test_only_labelled_samples_count():
    logits = torch.randn(6, 4, dtype=torch.float64)
    label = torch.tensor([2, -1, 0, -1, -1, 3])
    slow = [minus_log_softmax(logits[i].tolist(), k) for i, k in enumerate(label.tolist()) if k >= 0]
    assert labelled_cross_entropy(logits, label).item() == pytest.approx(sum(slow) / 3, rel=1e-12)


def test_without_labels_there_is_no_loss_and_no_gradient():
    logits = torch.randn(3, 4, requires_grad=True)
    loss = labelled_cross_entropy(logits, torch.full((3,), -1))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


def test_codes_cost_cross_entropy_and_half_the_squared_error():
    prediction = torch.randn(5, 3 + 2 + 2, dtype=torch.float64)
    classes = torch.randint(3, (5,)), torch.randint(2, (5,))
    values = 2 * torch.rand(5, 2, dtype=torch.float64) - 1
    one_hot = [torch.nn.functional.one_hot(c, k) for c, k in zip(classes, (3, 2), strict=True)]
    code = torch.cat([*one_hot, values], 1)
    slow = 0.0
    for i in range(5):
        row = prediction[i].tolist()
        slow += minus_log_softmax(row[:3], classes[0][i]) + minus_log_softmax(row[3:5], classes[1][i])
        slow += 0.5 * sum((mean - value) ** 2 for mean, value in zip(row[5:], values[i].tolist(), strict=True))
    assert code_loss(prediction, code, (3, 2)).item() == pytest.approx(slow / 5, rel=1e-12)


def test_codes_of_one_kind():
    assert code_loss(torch.tensor([[1.0]]), torch.tensor([[-1.0]]), ()).item() == 2
    assert code_loss(torch.zeros(1, 4), torch.eye(4)[:1], (4,)).item() == pytest.approx(math.log(4))


def test_the_gaussian_cost_is_its_log_density_up_to_a_constant():
    """Q(c | x) is normal with variance 1: -log Q = (c - m)^2 / 2 + log(2 pi) / 2."""
    means, values = torch.randn(8, 3), torch.rand(8, 3)
    density = torch.distributions.Normal(means, 1.0).log_prob(values).sum(1).mean()
    expected = -density - 1.5 * math.log(2 * math.pi)
    torch.testing.assert_close(code_loss(means, values, ()), expected)


def test_categorical_codes_wider_than_the_code():
    with pytest.raises(ValueError, match="one prediction per sample and column"):
        code_loss(torch.zeros(2, 3), torch.zeros(2, 3), (4,))
