"""The metric: sums over batches and ranks, the classifier left in peace, mistakes."""

import pytest
import torch
from torch import nn

from gan_lightning.functional import inception_score
from gan_lightning.metrics import InceptionScore

pytestmark = pytest.mark.filterwarnings("ignore:an inception score of")


def test_batches_add_up_to_the_score_of_all_samples():
    torch.manual_seed(0)
    classifier = nn.Linear(4, 6)
    metric = InceptionScore(classifier, 6)
    samples = 5 * torch.randn(100, 4)
    for part in samples.split(33):
        metric.update(part)
    expected = inception_score(classifier(samples).double().softmax(1))
    assert metric.compute().item() == pytest.approx(expected.item(), rel=1e-6)
    assert 1.5 < expected < 6
    metric.reset()
    metric.update(samples[:10])
    expected = inception_score(classifier(samples[:10]).double().softmax(1))
    assert metric.compute().item() == pytest.approx(expected.item(), rel=1e-6)


def test_states_are_sums_so_ranks_add_up():
    classifier = nn.Linear(2, 3)
    samples = torch.randn(30, 2)
    one, two, all_of_them = (InceptionScore(classifier, 3) for _ in range(3))
    one.update(samples[:10])
    two.update(samples[10:])
    all_of_them.update(samples)
    for name in ("entropy", "probabilities", "count"):
        torch.testing.assert_close(getattr(one, name) + getattr(two, name), getattr(all_of_them, name))
    assert set(one._reductions) == {"entropy", "probabilities", "count"}
    assert all(reduction is torch.sum or reduction.__name__ == "dim_zero_sum" for reduction in one._reductions.values())


def test_memory_does_not_grow_with_the_samples():
    metric = InceptionScore(nn.Linear(2, 3), 3)
    for _ in range(3):
        metric.update(torch.randn(50, 2))
    assert sum(state.numel() for state in metric.metric_state.values()) == 3 + 2


def test_the_classifier_is_asked_in_evaluation_mode_without_gradients():
    classifier = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(2), nn.Linear(2, 3)).train()
    before = classifier[1].running_mean.clone()
    metric = InceptionScore(classifier, 3)
    metric.update(torch.randn(50, 2) + 3)
    assert torch.equal(classifier[1].running_mean, before)
    assert not metric.compute().requires_grad
    assert not metric.entropy.requires_grad


class Outer(nn.Module):
    def __init__(self, metric):
        super().__init__()
        self.metric = metric


@pytest.mark.parametrize(
    "move",
    [
        lambda outer: outer.to(torch.bfloat16),
        lambda outer: outer.to(torch.float32),
        lambda outer: outer.bfloat16(),
        lambda outer: outer.metric.set_dtype(torch.bfloat16),
    ],
)
def test_the_sums_stay_exact_in_a_module_of_another_precision(move):
    metric = InceptionScore(nn.Linear(2, 3).double(), 3)
    samples = torch.randn(300, 2).double()
    metric.update(samples)
    before, states = metric.compute(), {name: value.clone() for name, value in metric.metric_state.items()}
    move(Outer(metric))
    assert all(torch.equal(value, states[name]) for name, value in metric.metric_state.items())
    assert torch.equal(metric.compute(), before)
    metric.reset()
    assert {value.dtype for value in metric.metric_state.values()} == {torch.float64}
    dtype = metric.classifier.weight.dtype
    for part in samples.to(dtype).split(1):
        metric.update(part)
    assert metric.count == 300


def test_moves_between_devices_are_followed():
    metric = InceptionScore(nn.Linear(2, 3), 3).to("meta")
    assert metric.device.type == "meta"
    assert {(value.device.type, value.dtype) for value in metric.metric_state.values()} == {("meta", torch.float64)}


def test_no_samples_and_nan_have_no_score():
    metric = InceptionScore(nn.Linear(2, 3), 3)
    metric.update(torch.zeros(0, 2))
    with pytest.raises(ValueError, match="there were none since the last reset"):
        metric.compute()
    metric.update(torch.tensor([[0.0, 0.0], [float("nan"), 0.0]]))
    with pytest.raises(ValueError, match="NaN or infinite logits for some of 2 samples"):
        metric.compute()


def test_mistakes():
    with pytest.raises(ValueError, match="num_classes is 1"):
        InceptionScore(nn.Linear(2, 1), 1)
    with pytest.raises(ValueError, match=r"returned \(5, 3\) for 5 samples.*check num_classes"):
        InceptionScore(nn.Linear(2, 3), 4).update(torch.zeros(5, 2))
