"""Samples, predictions and validation leave no trace."""

import copy

import pytest
import torch
from helpers import LATENT, Batches, Labelled, fit, make, mlp, points, trainer, weights
from torch import nn


def test_sampling_is_seeded_and_leaves_no_trace() -> None:
    gan = make(generator=nn.Sequential(mlp(LATENT, 2), nn.BatchNorm1d(2), nn.Dropout(0.5)))
    state, buffers = torch.get_rng_state(), [b.clone() for b in gan.buffers()]
    first, again, other = gan.sample(5, seed=3), gan.sample(5, seed=3), gan.sample(5, seed=4)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(buffers, gan.buffers(), strict=True))
    assert gan.generator.training
    assert not first.requires_grad
    assert not torch.equal(gan.sample(5), gan.sample(5))


def test_sampling_with_labels() -> None:
    gan = make(generator=Labelled(LATENT, 2, 3), discriminator=Labelled(2, 1, 3), num_classes=3)
    assert torch.equal(gan.sample(6, seed=0), gan.sample(6, torch.arange(6) % 3, seed=0))
    assert torch.equal(gan.sample(2, label=1, seed=0), gan.sample(2, torch.tensor([1, 1]), seed=0))
    for label, message in ((3, "range from 3 to 3"), (torch.zeros(3, dtype=torch.int64), r"shape \(3,\)")):
        with pytest.raises(ValueError, match=message):
            gan.sample(2, label)
    with pytest.raises(ValueError, match="take none"):
        make().sample(2, label=0)
    with pytest.raises(ValueError, match="at least one"):
        make().sample(0)


def test_prediction_maps_latents_to_samples() -> None:
    gan = make()
    z = torch.randn(8, LATENT)
    (samples,) = trainer().predict(gan, Batches(z))
    torch.testing.assert_close(samples, gan(z))


def test_validation_logs_scores_and_changes_nothing() -> None:
    watched, plain = make(), make()
    torch.manual_seed(2)
    run = trainer(num_sanity_val_steps=0, val_check_interval=2)
    run.fit(watched, points(), points(seed=9))
    fit(plain)
    assert {"val/d/score", "val/g/score"} <= set(run.callback_metrics)
    assert 0 < run.callback_metrics["val/d/score"] < 1
    assert torch.equal(weights(watched), weights(plain))


def test_validation_is_no_teacher_of_the_joint_pass() -> None:
    """The sanity check of validation sees batch norm and dropout at rest, where no layer mixes samples."""
    for layer in (nn.BatchNorm1d(8), nn.Dropout(0.3)):
        discriminator = nn.Sequential(nn.Linear(2, 8), layer, nn.ReLU(), nn.Linear(8, 1))
        watched = make(discriminator=discriminator)
        plain = make(discriminator=copy.deepcopy(discriminator))
        plain.load_state_dict(watched.state_dict())
        torch.manual_seed(2)
        trainer(num_sanity_val_steps=2).fit(watched, points(), points(seed=9))
        fit(plain)
        assert bool(watched._joint_size) is bool(plain._joint_size) is isinstance(layer, nn.Dropout)
        assert torch.equal(weights(watched), weights(plain))
