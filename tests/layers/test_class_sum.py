"""A classifier that is a discriminator: K + 1 classes, the last of which has the logit 0."""

import pytest
import torch
from torch import nn

from gan_lightning.layers import ClassSum
from gan_lightning.networks import MLPDiscriminator


def test_the_probability_of_being_real_is_that_of_any_class():
    network = MLPDiscriminator((2,), width=8)
    judge = ClassSum(network, 4).double()
    x = torch.randn(6, 2, dtype=torch.float64)
    critique = judge(x)
    scores = network(x).features @ judge.head.weight.T + judge.head.bias
    torch.testing.assert_close(critique.heads["classes"], scores)
    with_generated = torch.cat([scores, torch.zeros(6, 1)], 1).exp()
    share = with_generated[:, :4].sum(1) / with_generated.sum(1)
    torch.testing.assert_close(critique.logits.sigmoid(), share)


def test_large_scores_do_not_overflow():
    judge = ClassSum(MLPDiscriminator((2,), width=8), 3)
    nn.init.constant_(judge.head.bias, 1000.0)
    assert judge(torch.zeros(2, 2)).logits.tolist() == pytest.approx([1000 + torch.tensor(3.0).log().item()] * 2, abs=1)


def test_it_needs_features():
    with pytest.raises(ValueError, match="no num_features"):
        ClassSum(nn.Linear(2, 1), 3)
