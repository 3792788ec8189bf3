"""The inception score against its definition, known values, and torchmetrics."""

import math

import pytest
import torch
from torch import nn
from torchmetrics.image.inception import InceptionScore as ReferenceScore

from gan_lightning.functional import inception_score


def slow_score(probabilities):
    rows = probabilities.tolist()
    marginal = [sum(row[k] for row in rows) / len(rows) for k in range(len(rows[0]))]
    divergences = [sum(p * math.log(p / q) for p, q in zip(row, marginal, strict=True) if p > 0) for row in rows]
    return math.exp(sum(divergences) / len(rows))


def test_matches_a_loop_over_the_definition():
    probabilities = torch.randn(50, 7, dtype=torch.float64).mul(3).softmax(1)
    assert inception_score(probabilities).item() == pytest.approx(slow_score(probabilities), rel=1e-12)


def test_zero_probabilities_count_as_zero():
    probabilities = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]], dtype=torch.float64)
    assert inception_score(probabilities).item() == pytest.approx(slow_score(probabilities), rel=1e-12)


@pytest.mark.parametrize("shares", [[10, 10, 10, 10], [40, 0, 0, 0], [20, 20, 0, 0], [30, 6, 3, 1]])
def test_of_sure_predictions_is_the_exponential_of_the_classes_entropy(shares):
    label = torch.arange(4).repeat_interleave(torch.tensor(shares))
    entropy = -sum(s / 40 * math.log(s / 40) for s in shares if s)
    assert inception_score(nn.functional.one_hot(label, 4).float()).item() == pytest.approx(math.exp(entropy))


def test_of_unsure_predictions_is_one():
    assert inception_score(torch.full((9, 5), 0.2)).item() == pytest.approx(1.0)


def test_float32_input_is_summed_in_float64():
    probabilities = torch.randn(100_000, 10).softmax(1)
    assert inception_score(probabilities).dtype == torch.float64
    assert inception_score(probabilities).item() == pytest.approx(inception_score(probabilities.double()).item())


@pytest.mark.filterwarnings("ignore:Metric `InceptionScore` will save all", r"ignore:std\(\)")
def test_agrees_with_torchmetrics():
    logits = torch.randn(200, 6).mul(2)
    reference = ReferenceScore(feature=Given(logits), splits=1)
    reference.update(torch.zeros(200, 1))
    assert inception_score(logits.softmax(1)).item() == pytest.approx(reference.compute()[0].item(), rel=1e-5)


class Given(nn.Module):
    """A network that returns what it was given at the start."""

    def __init__(self, output):
        super().__init__()
        self.output = output

    def forward(self, x):
        return self.output[: len(x)]


def test_no_samples_are_an_error():
    with pytest.raises(ValueError, match=r"needs samples, got probabilities of shape \(0, 3\)"):
        inception_score(torch.zeros(0, 3))
